import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { reports } from "../api/back-office";
import type { Forecast } from "../gen/carillon/insight/v1/forecast_pb";
import { useT } from "../i18n";
import { Loading } from "../ui/kit";

const Chart = lazy(() => import("../ui/chart"));

/** What is expected of a day; it changes only with days that are over. */
export const useForecast = (date: string, queue = "", enabled = true) =>
  useQuery({ queryKey: ["forecast", date, queue], queryFn: () => reports.getForecast({ date, queue }), enabled, staleTime: 600_000 });

/** Half-hours: what came, and beside it what was expected. */
export function Trend({ intervals, forecast }: { intervals: { label: string; volume?: { offered: bigint; answered: bigint; abandoned: bigint } | undefined; kpis: { code: string; value?: number }[] }[]; forecast?: Forecast | undefined }) {
  const { t, language } = useT();
  const option = useMemo(() => {
    const expected = new Map(forecast?.intervals.map((one) => [one.label, one]));
    const used = intervals.filter(({ label, volume }) => (volume && (volume.offered > 0n || volume.answered > 0n)) || (expected.get(label)?.offered ?? 0) >= 0.5);
    return {
      xAxis: { type: "category", data: used.map(({ label }) => label) },
      yAxis: [{ type: "value", minInterval: 1 }, { type: "value", max: 100, axisLabel: { formatter: "{value}%" }, splitLine: { show: false } }],
      series: [
        { name: t("chart.answered"), type: "bar", stack: "calls", data: used.map(({ volume }) => Number(volume?.answered ?? 0)) },
        { name: t("chart.abandoned"), type: "bar", stack: "calls", itemStyle: { color: "#d9534f" }, data: used.map(({ volume }) => Number(volume?.abandoned ?? 0)) },
        { name: t("floor.level"), type: "line", yAxisIndex: 1, data: used.map(({ kpis }) => { const value = kpis.find(({ code }) => code === "SL-C")?.value; return value === undefined ? null : Math.round(value * 1000) / 10; }) },
        ...(expected.size > 0 ? [{ name: t("chart.expected"), type: "line", showSymbol: false, lineStyle: { type: "dashed" }, data: used.map(({ label }) => Math.round((expected.get(label)?.offered ?? 0) * 10) / 10) }] : []),
      ],
    };
  }, [intervals, forecast, language]);
  return (
    <>
      <Suspense fallback={<Loading />}>
        <Chart option={option} label={t("floor.trend")} height={220} />
      </Suspense>
      {forecast && <p className="quiet">{forecast.days.length === 0 ? t("chart.noForecast") : told(t, forecast)}</p>}
    </>
  );
}

const told = (t: ReturnType<typeof useT>["t"], forecast: Forecast) =>
  t("chart.forecast", { offered: String(Math.round(forecast.offered)), days: String(forecast.days.length), latest: forecast.days[0]!.date }) +
  (forecast.wape === undefined ? "" : t("chart.wape", { wape: String(Math.round(forecast.wape * 100)) }));
