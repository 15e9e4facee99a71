import { BarChart, FunnelChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useMode } from "./theme";

use([BarChart, LineChart, FunnelChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

/** A chart with a sentence that says what it shows; the figures stand in a table beside it. */
export default function Chart({ option, label, height = 260 }: { option: EChartsCoreOption; label: string; height?: number }) {
  const here = useRef<HTMLDivElement>(null);
  const mode = useMode();
  useEffect(() => {
    const ink = mode === "dark" ? "#b4bccb" : "#465065";
    const chart = init(here.current!, mode === "dark" ? "dark" : null);
    chart.setOption({
      backgroundColor: "transparent",
      color: mode === "dark" ? ["#83aeff", "#5fd296", "#eab459", "#ff8f88", "#b9a3f5"] : ["#1f5fd0", "#1f9c5e", "#c98a1b", "#c2281d", "#6a4fc0"],
      textStyle: { color: ink, fontFamily: "inherit" },
      animation: false,
      grid: { left: 44, right: 44, top: 34, bottom: 28 },
      // Drawn on the canvas: a tooltip of HTML would need inline style.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true },
      legend: { top: 0, textStyle: { color: ink } },
      ...option,
    });
    const fit = new ResizeObserver(() => chart.resize());
    fit.observe(here.current!);
    return () => {
      fit.disconnect();
      chart.dispose();
    };
  }, [option, mode]);
  return <div ref={here} className="chart" role="img" aria-label={label} style={{ height }} />;
}
