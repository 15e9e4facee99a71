import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Select } from "antd";
import { useMemo, useState } from "react";
import { flows } from "../api/back-office";
import { idOf, pageOf, requestId } from "../api/clients";
import { useMay } from "../api/session";
import { millis } from "../api/time";
import { FlowFinding_Severity, FlowFinding_SeveritySchema, Flow_State, Flow_StateSchema, type Flow, type ServiceNumber } from "../gen/carillon/ivr/v1/flow_pb";
import { useT } from "../i18n";
import { Answer, Facts, PageHead, Panel, Pill, Time, useAction } from "../ui/kit";
import { PagedTable } from "../ui/list";
import { Link, navigate, usePath } from "../ui/router";

export default function FlowsPage() {
  const [, id] = usePath();
  return id ? <One id={id} /> : <All />;
}

function All() {
  const { t, word } = useT();
  return (
    <div className="stack">
      <PageHead title={t("nav.flows")} />
      <Panel title={t("flow.flows")}>
        <PagedTable<Flow>
          id={["flows"]}
          page={pageOf(flows.listFlows, "flows")}
          onOpen={(row) => navigate(`/flows/${idOf(row.name)}`)}
          columns={[
            { title: t("flow.name"), render: (_, row) => <Link to={`/flows/${idOf(row.name)}`} onClick={(event) => event.stopPropagation()}>{row.displayName || row.code}</Link> },
            { title: t("campaign.code"), dataIndex: "code" },
            { title: t("order.state"), render: (_, row) => <Pill tone={row.state === Flow_State.PUBLISHED ? "good" : "plain"}>{word(Flow_StateSchema, row.state)}</Pill> },
            { title: t("flow.version"), align: "right", render: (_, row) => `${row.version} (${row.publishedVersion})` },
            { title: t("flow.published"), render: (_, row) => <Time at={millis(row.publishTime)} /> },
          ]}
        />
      </Panel>
      <Panel title={t("flow.numbers")}>
        <PagedTable<ServiceNumber>
          id={["service-numbers"]}
          page={pageOf(flows.listServiceNumbers, "serviceNumbers")}
          columns={[
            { title: t("col.number"), dataIndex: "number" },
            { title: t("flow.name"), dataIndex: "displayName" },
            { title: t("flow.zone"), dataIndex: "timeZone" },
            { title: t("customer.language"), dataIndex: "language" },
            { title: t("customers.changed"), render: (_, row) => <Time at={millis(row.updateTime)} /> },
          ]}
        />
      </Panel>
    </div>
  );
}

interface Node {
  id: string;
  depth: number;
  does: string[];
  goes: { on: string; when: string; to: string }[];
}

/** The states of an SCXML document, in its order, with what they do and where they lead. */
export function statesOf(document: string): Node[] {
  if (!document) return [];
  const parsed = new DOMParser().parseFromString(document, "application/xml");
  const out: Node[] = [];
  const walk = (element: Element, depth: number) => {
    for (const child of element.children) {
      if (!["state", "parallel", "final"].includes(child.localName)) continue;
      const own = (name: string) => [...child.children].filter((one) => one.localName === name);
      out.push({
        id: child.getAttribute("id") ?? "",
        depth,
        does: own("onentry").flatMap((entry) => [...entry.getElementsByTagNameNS("*", "send")].map((send) => (send.getAttribute("type") ?? "").replace("carillon:", ""))).filter(Boolean),
        goes: own("transition").map((one) => ({ on: one.getAttribute("event") ?? "", when: one.getAttribute("cond") ?? "", to: one.getAttribute("target") ?? "" })),
      });
      walk(child, depth + 1);
    }
  };
  if (parsed.documentElement.localName === "scxml") walk(parsed.documentElement, 0);
  return out;
}

function One({ id }: { id: string }) {
  const { t, word } = useT();
  const may = useMay();
  const client = useQueryClient();
  const name = `flows/${id}`;
  const [version, setVersion] = useState(0);
  const flow = useQuery({ queryKey: ["flow", name, version], queryFn: () => flows.getFlow({ name, version }) });
  const document = flow.data?.document ?? "";
  const findings = useQuery({ queryKey: ["findings", document], queryFn: () => flows.validateFlow({ document }), enabled: Boolean(document) && may("ivr.edit") });
  const nodes = useMemo(() => statesOf(document), [document]);
  const again = () => void client.invalidateQueries({ queryKey: ["flow", name] });
  const publish = useAction((etag: string) => flows.publishFlow({ name, etag, requestId: requestId() }), again);
  return (
    <Answer of={flow}>
      {(it) => (
        <div className="stack">
          <PageHead
            title={it.displayName || it.code}
            extra={
              <>
                <Select aria-label={t("flow.version")} value={version} onChange={setVersion} options={[{ value: 0, label: t("flow.latest") }, ...Array.from({ length: it.version }, (_, index) => ({ value: index + 1, label: t("flow.versionOf", { number: index + 1 }) })).reverse()]} />
                {may("ivr.publish") && it.state === Flow_State.DRAFT && (
                  <Popconfirm title={t("flow.publishAsk")} onConfirm={() => publish.mutate(it.etag)}>
                    <Button type="primary" loading={publish.isPending}>{t("flow.publish")}</Button>
                  </Popconfirm>
                )}
              </>
            }
          >
            <Pill tone={it.state === Flow_State.PUBLISHED ? "good" : "plain"}>{word(Flow_StateSchema, it.state)}</Pill>
            <Link to="/flows">{t("flow.back")}</Link>
          </PageHead>
          <div className="split">
            <Panel title={t("flow.states", { count: nodes.length })}>
              <table className="plain">
                <thead>
                  <tr>
                    <th scope="col">{t("flow.state")}</th>
                    <th scope="col">{t("flow.does")}</th>
                    <th scope="col">{t("flow.leads")}</th>
                  </tr>
                </thead>
                <tbody>
                  {nodes.map((node) => (
                    <tr key={node.id} id={`node-${node.id}`}>
                      <td className={`depth-${Math.min(node.depth, 4)}`}><code>{node.id}</code></td>
                      <td>{node.does.map((one) => <Pill key={one} tone="calm">{one}</Pill>)}</td>
                      <td>
                        {node.goes.map((one, index) => (
                          <div key={index} className="flow-way">
                            <span className="quiet">{[one.on, one.when && `[${one.when}]`].filter(Boolean).join(" ") || t("flow.always")}</span> → <code>{one.to || node.id}</code>
                          </div>
                        ))}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Panel>
            <div className="stack">
              <Panel title={t("flow.about")}>
                <Facts
                  of={[
                    { label: t("campaign.code"), value: it.code },
                    { label: t("flow.version"), value: it.version },
                    { label: t("flow.publishedVersion"), value: it.publishedVersion },
                    { label: t("flow.published"), value: <Time at={millis(it.publishTime)} /> },
                  ]}
                />
              </Panel>
              {may("ivr.edit") && (
                <Panel title={t("flow.findings")}>
                  <Answer of={findings}>
                    {({ findings: list }) =>
                      list.length === 0 ? (
                        <p className="quiet">{t("flow.noFindings")}</p>
                      ) : (
                        <ul className="plain-list">
                          {list.map((one, index) => (
                            <li key={index}>
                              <Pill tone={one.severity === FlowFinding_Severity.BLOCKING ? "bad" : "warn"}>{word(FlowFinding_SeveritySchema, one.severity)}</Pill> <code>{one.node || `${one.line}:${one.column}`}</code> <span lang="en">{one.message}</span>
                            </li>
                          ))}
                        </ul>
                      )
                    }
                  </Answer>
                </Panel>
              )}
              <Panel title={t("flow.document")}><pre className="source" tabIndex={0}>{document}</pre></Panel>
            </div>
          </div>
        </div>
      )}
    </Answer>
  );
}
