import { useMemo } from "react";
import { useT } from "../i18n";

export interface Node {
  id: string;
  depth: number;
  /** The state around it, and the one that begins inside of it. */
  parent: string;
  initial: string;
  does: string[];
  goes: { on: string; when: string; to: string }[];
}

/** The states of an SCXML document, in its order, with what they do and where they lead. */
export function statesOf(document: string): Node[] {
  if (!document) return [];
  const parsed = new DOMParser().parseFromString(document, "application/xml");
  const out: Node[] = [];
  const isState = (one: Element) => ["state", "parallel", "final"].includes(one.localName);
  const walk = (element: Element, depth: number) => {
    for (const child of element.children) {
      if (!isState(child)) continue;
      const own = (name: string) => [...child.children].filter((one) => one.localName === name);
      out.push({
        id: child.getAttribute("id") ?? "",
        depth,
        parent: isState(element) ? (element.getAttribute("id") ?? "") : "",
        initial: child.getAttribute("initial") ?? own("initial")[0]?.querySelector("transition")?.getAttribute("target") ?? [...child.children].find(isState)?.getAttribute("id") ?? "",
        does: own("onentry").flatMap((entry) => [...entry.getElementsByTagNameNS("*", "send")].map((send) => (send.getAttribute("type") ?? "").replace("carillon:", ""))).filter(Boolean),
        goes: own("transition").map((one) => ({ on: one.getAttribute("event") ?? "", when: one.getAttribute("cond") ?? "", to: one.getAttribute("target") ?? "" })),
      });
      walk(child, depth + 1);
    }
  };
  if (parsed.documentElement.localName === "scxml") walk(parsed.documentElement, 0);
  return out;
}

const [width, height, wide, high] = [148, 40, 212, 58];

interface Placed {
  node: Node;
  x: number;
  y: number;
}
interface Way {
  from: string;
  to: string;
  begins: boolean;
  on: string;
}

/** Left to right by how many steps a caller is from the beginning; within a column beside what leads there. */
export function laidOut(nodes: Node[]) {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const ways = new Map<string, Way>();
  for (const node of nodes) {
    if (known.has(node.initial)) ways.set(`${node.id} ${node.initial}`, { from: node.id, to: node.initial, begins: true, on: "" });
    for (const { on, when, to } of node.goes)
      for (const target of to.split(/\s+/).filter((one) => known.has(one) && one !== node.id)) {
        const key = `${node.id} ${target}`;
        const text = [on, when && `[${when}]`].filter(Boolean).join(" ");
        const before = ways.get(key);
        ways.set(key, before ? { ...before, on: [before.on, text].filter(Boolean).join("; ") } : { from: node.id, to: target, begins: false, on: text });
      }
  }
  const list = [...ways.values()];
  const rank = new Map<string, number>();
  const queue: string[] = [];
  const reach = (id: string, at: number) => {
    if (rank.has(id)) return;
    rank.set(id, at);
    queue.push(id);
  };
  for (const { id } of nodes) {
    reach(id, rank.size === 0 ? 0 : Math.max(...rank.values()) + 1); // the first is where calls begin; others only when nothing leads there
    while (queue.length > 0) {
      const from = queue.shift()!;
      // What holds for all states inside is drawn from the outer one, but is no step of the way.
      const outer = nodes.some(({ parent }) => parent === from);
      for (const way of list) if (way.from === from && (way.begins || !outer)) reach(way.to, rank.get(from)! + 1);
    }
  }
  const columns: string[][] = [];
  for (const [id, at] of rank) (columns[at] ??= []).push(id);
  const filled = columns.filter(Boolean);
  const row = new Map<string, number>();
  for (const column of filled) {
    const wish = (id: string) => {
      const from = list.filter((way) => way.to === id && row.has(way.from)).map((way) => row.get(way.from)!);
      return from.length > 0 ? from.reduce((sum, one) => sum + one, 0) / from.length : 0;
    };
    const wishes = new Map(column.map((id) => [id, wish(id)]));
    column.sort((a, b) => wishes.get(a)! - wishes.get(b)!);
    column.forEach((id, index) => row.set(id, index - (column.length - 1) / 2));
  }
  const top = Math.min(...row.values(), 0);
  const placed = new Map<string, Placed>();
  filled.forEach((column, at) => column.forEach((id) => placed.set(id, { node: known.get(id)!, x: 12 + at * wide, y: 30 + (row.get(id)! - top) * high })));
  const all = [...placed.values()];
  return { placed, ways: list, width: Math.max(0, ...all.map(({ x }) => x)) + width + 50, height: Math.max(0, ...all.map(({ y }) => y)) + height + 30 };
}

const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A flow as a picture: what a caller meets, and where it leads. The table beside it says the same in words. */
export function FlowDiagram({ nodes, here, select }: { nodes: Node[]; here: string | undefined; select: (id: string) => void }) {
  const { t } = useT();
  const it = useMemo(() => laidOut(nodes), [nodes]);
  if (nodes.length === 0) return <p className="quiet">{t("flow.noStates")}</p>;
  const line = ({ from, to }: Way) => {
    const [a, b] = [it.placed.get(from)!, it.placed.get(to)!];
    const [y1, y2] = [a.y + height / 2, b.y + height / 2];
    if (b.x > a.x) {
      const bend = Math.max(30, (b.x - a.x - width) / 2);
      return `M${a.x + width} ${y1} C${a.x + width + bend} ${y1} ${b.x - bend} ${y2} ${b.x} ${y2}`;
    }
    if (b.x === a.x) return `M${a.x + width} ${y1} C${a.x + width + 40} ${y1} ${a.x + width + 40} ${y2} ${b.x + width} ${y2}`;
    const over = Math.min(a.y, b.y) - 24;
    return `M${a.x + width / 2} ${a.y} C${a.x + width / 2} ${over} ${b.x + width / 2} ${over} ${b.x + width / 2} ${b.y}`;
  };
  const mine = (way: Way) => way.from === here || way.to === here;
  return (
    <div className="flow-canvas" tabIndex={0} role="region" aria-label={t("flow.diagram")}>
      <svg width={it.width} height={it.height} viewBox={`0 0 ${it.width} ${it.height}`} role="group" aria-label={t("flow.diagram")}>
        <defs>
          {["plain", "here"].map((kind) => (
            <marker key={kind} id={`arrow-${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
              <path d="M0 0 L8 4 L0 8 z" className={`flow-arrow flow-arrow-${kind}`} />
            </marker>
          ))}
        </defs>
        {[...it.ways].sort((a, b) => Number(mine(a)) - Number(mine(b))).map((way) => (
          <path key={`${way.from} ${way.to}`} d={line(way)} className={`flow-line ${way.begins ? "flow-begins" : ""} ${mine(way) ? "here" : ""}`} markerEnd={`url(#arrow-${mine(way) ? "here" : "plain"})`}>
            <title>{`${way.from} → ${way.to}: ${way.on || t("flow.always")}`}</title>
          </path>
        ))}
        {[...it.placed.values()].map(({ node, x, y }) => (
          <g
            key={node.id}
            className={`flow-box ${node.id === here ? "here" : ""} ${nodes.some(({ parent }) => parent === node.id) ? "flow-outer" : ""}`}
            role="button"
            tabIndex={0}
            aria-pressed={node.id === here}
            aria-label={node.id}
            onClick={() => select(node.id)}
            onKeyDown={(event) => event.key === "Enter" && select(node.id)}
          >
            <rect x={x} y={y} width={width} height={height} rx={8} />
            <text x={x + 10} y={y + (node.does.length > 0 ? 17 : 25)} className="flow-name">{short(node.id, 20)}</text>
            {node.does.length > 0 && <text x={x + 10} y={y + 32} className="flow-does">{short(node.does.join(" · "), 24)}</text>}
          </g>
        ))}
      </svg>
    </div>
  );
}
