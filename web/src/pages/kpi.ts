import { span } from "../api/time";
import { Kpi_Direction, Kpi_Unit, type Kpi } from "../gen/carillon/insight/v1/report_pb";

export function figure(kpi: Kpi | undefined) {
  if (kpi?.value === undefined) return "—";
  switch (kpi.unit) {
    case Kpi_Unit.RATIO: return `${(kpi.value * 100).toFixed(1)}%`;
    case Kpi_Unit.SECONDS: return span(kpi.value * 1000);
    default: return kpi.value.toFixed(2);
  }
}

/** The figure is on the wrong side of its target. */
export const missed = (kpi: Kpi) =>
  kpi.target !== undefined && kpi.value !== undefined && (kpi.direction === Kpi_Direction.HIGHER ? kpi.value < kpi.target : kpi.direction === Kpi_Direction.LOWER && kpi.value > kpi.target);
