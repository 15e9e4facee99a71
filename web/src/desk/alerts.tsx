import { useQueryClient } from "@tanstack/react-query";
import { Alert as Banner, Button, Input, Select } from "antd";
import { useState } from "react";
import { requestId } from "../api/clients";
import { customers, useCodes } from "../api/records";
import { useMay } from "../api/session";
import { Alert_Severity, Alert_SeveritySchema, type Alert, type Customer } from "../gen/carillon/customer/v1/customer_pb";
import { useT } from "../i18n";
import { Dialog, Field, useAction } from "../ui/kit";

const severity = { [Alert_Severity.BLOCK]: "error", [Alert_Severity.WARN]: "warning" } as Partial<Record<Alert_Severity, "error" | "warning">>;

/** What one must know of a customer before a word is said; who may change the record raises and clears it here. */
export function Alerts({ of }: { of: Customer }) {
  const { t, word } = useT();
  const may = useMay()("customer.write");
  const codes = useCodes("ALERT");
  const [clearing, clear] = useState<Alert>();
  const [raising, raise] = useState(false);
  return (
    <>
      {of.alerts.map((alert) => (
        <Banner
          key={alert.name}
          type={severity[alert.severity] ?? "info"}
          showIcon
          title={`${word(Alert_SeveritySchema, alert.severity)} · ${codes.label(alert.code)}`}
          description={alert.reason}
          action={may && <Button size="small" onClick={() => clear(alert)}>{t("alert.clear")}</Button>}
        />
      ))}
      {may && (
        <div>
          <Button size="small" onClick={() => raise(true)}>{t("alert.raise")}</Button>
        </div>
      )}
      {clearing && <ClearAlert alert={clearing} title={`${t("alert.clear")} · ${codes.label(clearing.code)}`} close={() => clear(undefined)} />}
      {raising && <RaiseAlert of={of.name} codes={codes.choices} close={() => raise(false)} />}
    </>
  );
}

/** The customer as it stands after a change. */
function useChange<In>(act: (input: In) => Promise<Customer>, close: () => void) {
  const client = useQueryClient();
  return useAction(act, (changed) => {
    client.setQueryData(["customer", changed.name], changed);
    close();
  });
}

function ClearAlert({ alert, title, close }: { alert: Alert; title: string; close: () => void }) {
  const { t } = useT();
  const [reason, setReason] = useState("");
  const send = useChange(() => customers.clearAlert({ name: alert.name, reason, requestId: requestId() }), close);
  return (
    <Dialog open title={title} onClose={close} actions={<><Button type="primary" disabled={!reason.trim()} loading={send.isPending} onClick={() => send.mutate(undefined)}>{t("alert.clear")}</Button><Button onClick={close}>{t("cancel")}</Button></>}>
      <Field label={t("floor.reason")} id="clear-reason" required>
        <Input id="clear-reason" maxLength={200} value={reason} onChange={({ target }) => setReason(target.value)} />
      </Field>
    </Dialog>
  );
}

function RaiseAlert({ of, codes, close }: { of: string; codes: { value: string; label: string }[]; close: () => void }) {
  const { t, choices } = useT();
  const [code, setCode] = useState<string>();
  const [level, setLevel] = useState<Alert_Severity>(Alert_Severity.WARN);
  const [reason, setReason] = useState("");
  const send = useChange(() => customers.raiseAlert({ parent: of, alert: { code: code!, severity: level, reason }, requestId: requestId() }), close);
  return (
    <Dialog open title={t("alert.raise")} onClose={close} actions={<><Button type="primary" disabled={!code} loading={send.isPending} onClick={() => send.mutate(undefined)}>{t("save")}</Button><Button onClick={close}>{t("cancel")}</Button></>}>
      <Field label={t("alert.code")} id="alert-code" required>
        <Select id="alert-code" value={code} onChange={setCode} options={codes} />
      </Field>
      <Field label={t("alert.severity")} id="alert-severity">
        <Select id="alert-severity" value={level} onChange={setLevel} options={choices(Alert_SeveritySchema)} />
      </Field>
      <Field label={t("floor.reason")} id="alert-reason">
        <Input id="alert-reason" maxLength={500} value={reason} onChange={({ target }) => setReason(target.value)} />
      </Field>
    </Dialog>
  );
}
