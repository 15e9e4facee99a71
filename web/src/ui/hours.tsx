import { Button, Form, Input, Space } from "antd";
import { weekday } from "../api/time";
import { useT } from "../i18n";
import { need } from "./editor";

interface Span {
  from: string;
  to: string;
}
/** Hours as people write them, one field a day: "08:30-12:00, 14:00-18:00". */
export interface WrittenHours {
  zone?: string;
  weekly?: Record<string, string>;
  exceptions?: { date: string; open?: string }[];
}

const form = /^\s*((([01]\d|2[0-3]):[0-5]\d)\s*[-–]\s*(([01]\d|2[0-3]):[0-5]\d|24:00)\s*(,\s*|$))*$/;
const read = (text = ""): Span[] => [...text.matchAll(/(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)/g)].map(([, from, to]) => ({ from: from!, to: to! }));
const write = (spans: readonly Span[]) => spans.map(({ from, to }) => `${from}-${to}`).join(", ");

export const written = (of: { timeZone: string; weekly: { weekday: number; open: Span[] }[]; exceptions: { date: string; open: Span[] }[] } | undefined): WrittenHours => ({
  zone: of?.timeZone ?? "",
  weekly: Object.fromEntries((of?.weekly ?? []).map(({ weekday, open }) => [weekday, write(open)])),
  exceptions: (of?.exceptions ?? []).map(({ date, open }) => ({ date, open: write(open) })),
});

/** Nothing when no weekday has hours: open always. */
export function hoursOf(of: WrittenHours | undefined) {
  const weekly = Object.entries(of?.weekly ?? {}).map(([day, text]) => ({ weekday: Number(day), open: read(text) })).filter(({ open }) => open.length > 0);
  if (weekly.length === 0) return undefined;
  return { timeZone: of?.zone ?? "", weekly, exceptions: (of?.exceptions ?? []).map(({ date, open }) => ({ date, open: read(open) })) };
}

/** The fields of a week and of the days that differ, under `name` of the form around. */
export function HoursFields({ name }: { name: string }) {
  const { t, language } = useT();
  const rules = [{ pattern: form, message: t("hours.form") }];
  return (
    <fieldset className="wide hours">
      <legend>{t("hours.hours")}</legend>
      <p className="quiet">{t("hours.help")}</p>
      <div className="form-grid">
        {[1, 2, 3, 4, 5, 6, 7].map((day) => (
          <Form.Item key={day} name={[name, "weekly", String(day)]} label={weekday(day, language, "long")} rules={rules}><Input placeholder="08:30-12:00, 14:00-18:00" /></Form.Item>
        ))}
        <Form.Item name={[name, "zone"]} label={t("flow.zone")}><Input placeholder="Asia/Shanghai" /></Form.Item>
      </div>
      <h3>{t("hours.exceptions")}</h3>
      <Form.List name={[name, "exceptions"]}>
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name: at }) => (
              <Space key={key} align="baseline">
                <Form.Item name={[at, "date"]} rules={need(t("required"))}><Input type="date" aria-label={t("report.day")} /></Form.Item>
                <Form.Item name={[at, "open"]} rules={rules}><Input aria-label={t("hours.hours")} placeholder={t("hours.closed")} /></Form.Item>
                <Button onClick={() => remove(at)}>{t("admin.remove")}</Button>
              </Space>
            ))}
            <Button onClick={() => add({})}>{t("hours.add")}</Button>
          </>
        )}
      </Form.List>
    </fieldset>
  );
}
