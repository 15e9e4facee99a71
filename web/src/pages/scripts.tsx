import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { scripts } from "../api/back-office";
import { pageOf, requestId } from "../api/clients";
import { useMay, useSession } from "../api/session";
import { millis } from "../api/time";
import { Script_State, Script_StateSchema, Script_StepKindSchema, type Script } from "../gen/carillon/campaign/v1/script_pb";
import { useT } from "../i18n";
import { Editor, need } from "../ui/editor";
import { Dialog, Field, Pill, Time, useAction, type Tone } from "../ui/kit";
import { PagedTable } from "../ui/list";

const tone: Partial<Record<Script_State, Tone>> = { [Script_State.APPROVED]: "good", [Script_State.IN_REVIEW]: "warn", [Script_State.REJECTED]: "bad" };

interface Filled {
  displayName: string;
  wording: Record<number, string>;
  goal: Record<number, string>;
  mustSay?: string;
  objections?: { text: string; answer: string }[];
}

/** What agents say: written, reviewed by a second person, spoken. */
export function Scripts() {
  const { t, word } = useT();
  const may = useMay();
  const session = useSession();
  const me = session.state === "in" ? session.user.name : "";
  const client = useQueryClient();
  const [editing, edit] = useState<Script | "new">();
  const [rejecting, reject] = useState<Script>();
  const again = () => void client.invalidateQueries({ queryKey: ["scripts"] });
  const submit = useAction((of: Script) => scripts.submitScript({ name: of.name, etag: of.etag, requestId: requestId() }), again);
  const approve = useAction((of: Script) => scripts.approveScript({ name: of.name, etag: of.etag, requestId: requestId() }), again);
  const of = editing === "new" ? undefined : editing;
  return (
    <div className="stack">
      {may("campaign.plan") && <div><Button type="primary" onClick={() => edit("new")}>{t("script.new")}</Button></div>}
      <PagedTable<Script>
        id={["scripts"]}
        page={pageOf(scripts.listScripts, "scripts")}
        columns={[
          { title: t("script.script"), dataIndex: "displayName" },
          { title: t("flow.version"), align: "right", dataIndex: "version" },
          { title: t("order.state"), render: (_, row) => <><Pill tone={tone[row.state] ?? "plain"}>{word(Script_StateSchema, row.state)}</Pill> {row.rejectReason && <span className="quiet">{row.rejectReason}</span>}</> },
          { title: t("script.steps"), align: "right", render: (_, row) => `${row.steps.length} / 7` },
          { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
          {
            title: t("qa.next"),
            render: (_, row) => (
              <span className="buttons">
                {may("campaign.plan") && row.state !== Script_State.IN_REVIEW && <Button size="small" onClick={() => edit(row)}>{t("admin.change")}</Button>}
                {may("campaign.plan") && row.state === Script_State.DRAFT && <Button size="small" loading={submit.isPending} onClick={() => submit.mutate(row)}>{t("campaign.do.submit")}</Button>}
                {may("campaign.approve") && row.state === Script_State.IN_REVIEW && row.author !== me && (
                  <>
                    <Button size="small" type="primary" loading={approve.isPending} onClick={() => approve.mutate(row)}>{t("campaign.do.approve")}</Button>
                    <Button size="small" danger onClick={() => reject(row)}>{t("campaign.do.refuse")}</Button>
                  </>
                )}
              </span>
            ),
          },
        ]}
      />
      {editing && (
        <Editor<Filled>
          title={t(of ? "script.change" : "script.new")}
          done="scripts"
          close={() => edit(undefined)}
          initial={of ? { displayName: of.displayName, wording: Object.fromEntries(of.steps.map(({ kind, wording }) => [kind, wording])), goal: Object.fromEntries(of.steps.map(({ kind, goal }) => [kind, goal])), mustSay: of.mustSay.join("\n"), objections: of.objections.map(({ text, answer }) => ({ text, answer })) } : { objections: [] }}
          save={(filled) => {
            const script = {
              displayName: filled.displayName,
              steps: Script_StepKindSchema.values
                .filter(({ number }) => filled.wording?.[number]?.trim())
                .map(({ number }) => {
                  const said = { kind: number, wording: filled.wording[number]!, goal: filled.goal?.[number] ?? "" };
                  const before = of?.steps.find(({ kind }) => kind === number);
                  return before ? { ...before, ...said } : said;
                }),
              mustSay: (filled.mustSay ?? "").split("\n").map((line) => line.trim()).filter(Boolean),
              objections: (filled.objections ?? []).map((one) => {
                const before = of?.objections.find(({ text }) => text === one.text);
                return before ? { ...before, ...one } : one;
              }),
            };
            return of
              ? scripts.updateScript({ script: { ...script, name: of.name, etag: of.etag }, updateMask: { paths: ["display_name", "steps", "must_say", "objections"] }, requestId: requestId() })
              : scripts.createScript({ script, requestId: requestId() });
          }}
        >
          <Form.Item name="displayName" label={t("script.script")} rules={need(t("required"))} className="wide"><Input maxLength={100} /></Form.Item>
          {Script_StepKindSchema.values.filter(({ number }) => number !== 0).map(({ number }) => (
            <div key={number} className="wide">
              <h3>{number} · {word(Script_StepKindSchema, number)}</h3>
              <Form.Item name={["wording", String(number)]} label={t("script.wording")}><Input.TextArea rows={2} maxLength={4000} /></Form.Item>
              <Form.Item name={["goal", String(number)]} label={t("script.goal")}><Input maxLength={500} /></Form.Item>
            </div>
          ))}
          <Form.Item name="mustSay" label={t("script.mustSay")} className="wide"><Input.TextArea rows={3} /></Form.Item>
          <Form.List name="objections">
            {(fields, { add, remove }) => (
              <div className="wide">
                <h3>{t("script.objections")}</h3>
                {fields.map(({ key, name }) => (
                  <div key={key} className="buttons">
                    <Form.Item name={[name, "text"]} rules={need(t("required"))}><Input aria-label={t("script.objection")} placeholder={t("script.objection")} maxLength={200} /></Form.Item>
                    <Form.Item name={[name, "answer"]} rules={need(t("required"))}><Input aria-label={t("script.answer")} placeholder={t("script.answer")} maxLength={2000} /></Form.Item>
                    <Button onClick={() => remove(name)}>{t("admin.remove")}</Button>
                  </div>
                ))}
                <Button onClick={() => add({})}>{t("script.addObjection")}</Button>
              </div>
            )}
          </Form.List>
        </Editor>
      )}
      {rejecting && <Reject of={rejecting} close={() => (reject(undefined), again())} />}
    </div>
  );
}

function Reject({ of, close }: { of: Script; close: () => void }) {
  const { t } = useT();
  const [reason, setReason] = useState("");
  const send = useAction(() => scripts.rejectScript({ name: of.name, etag: of.etag, reason, requestId: requestId() }), close);
  return (
    <Dialog open title={`${t("campaign.do.refuse")} · ${of.displayName}`} onClose={close} actions={<><Button type="primary" danger disabled={!reason.trim()} loading={send.isPending} onClick={() => send.mutate(undefined)}>{t("campaign.do.refuse")}</Button><Button onClick={close}>{t("cancel")}</Button></>}>
      <Field label={t("floor.reason")} id="reject-reason" required>
        <Input id="reject-reason" maxLength={500} value={reason} onChange={({ target }) => setReason(target.value)} />
      </Field>
    </Dialog>
  );
}
