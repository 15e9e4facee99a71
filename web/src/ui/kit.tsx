import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useEffect, useRef, type ReactNode } from "react";
import { Code } from "../api/clients";
import { refusal, type Refusal } from "../api/errors";
import type { Unmask } from "../api/purpose";
import { dateTime, span, useNow } from "../api/time";
import { useT, type TextKey } from "../i18n";
import { useKeyOf, type KeyName } from "./keys";
import { toast } from "./toast";

export type Tone = "plain" | "good" | "warn" | "bad" | "calm" | "strong";

/** What somebody has named: the same in every language, for the browser's own translation too. */
export const Given = ({ children }: { children: ReactNode }) => <span translate="no">{children}</span>;

/** A state in a word: the colour only underlines it. */
export const Pill = ({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) => (
  <span className={`pill pill-${tone}`}>{children}</span>
);

const signs: Record<string, string> = { Shift: "⇧", Enter: "↵", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** A key on its button: that of an action, as the person has it, or one of a list. */
export function Key({ of, children }: { of: KeyName; children?: undefined } | { of?: undefined; children: string }) {
  const keyOf = useKeyOf();
  const parts = (of ? keyOf(of) : children).split("+").map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return (
    <kbd className="key" aria-hidden="true">
      {parts.join("+").replace("⇧+", "⇧")}
    </kbd>
  );
}

/** Counts up from a moment; red once it is over the limit. */
export function Elapsed({ since, limit, warn, label }: { since: number; limit?: number; warn?: number; label?: string }) {
  const passed = useNow() - since;
  const tone = limit && passed > limit ? "late" : warn && passed > warn ? "soon" : "";
  return (
    <span className={`elapsed ${tone}`} aria-label={label} role="timer">
      {span(since ? passed : 0)}
    </span>
  );
}

export function Time({ at }: { at: number }) {
  const { language } = useT();
  return at ? <time dateTime={new Date(at).toISOString()}>{dateTime(at, language)}</time> : <>—</>;
}

/** A personal value: masked by the service for who may not see it, veiled on the screen for who may until they say why. */
export function Personal({ value, unmask: { open, turn } }: { value: string; unmask: Unmask }) {
  const { t } = useT();
  if (!value) return <>—</>;
  if (value.includes("*")) return <span className="masked">{value}</span>;
  return (
    <span className="personal">
      <span>{open ? value : "••••••"}</span>
      <Button size="small" type="text" icon={open ? <EyeInvisibleOutlined /> : <EyeOutlined />} aria-label={t(open ? "personal.hide" : "personal.show")} onClick={turn} />
    </span>
  );
}

/** A number or address that is only to be recognised in a list: masked for everybody, as the services mask it. */
export const veiled = (value: string) => (value.includes("*") || value.length < 8 ? value || "—" : `${value.slice(0, -8)}****${value.slice(-4)}`);

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Names and values, dense. */
export const Facts = ({ of, columns = 1 }: { of: (Fact | false | undefined | null)[]; columns?: 1 | 2 | 3 }) => (
  <dl className={`facts facts-${columns}`}>
    {of.map(
      (fact) =>
        fact && (
          <div key={fact.label}>
            <dt>{fact.label}</dt>
            <dd>{fact.value === "" ? "—" : fact.value}</dd>
          </div>
        ),
    )}
  </dl>
);

export function PageHead({ title, children, extra }: { title: ReactNode; children?: ReactNode; extra?: ReactNode }) {
  return (
    <header className="page-head">
      <h1>{title}</h1>
      {children}
      <div className="page-head-extra">{extra}</div>
    </header>
  );
}

export const Panel = ({ title, extra, children, className, id }: { title?: ReactNode; extra?: ReactNode; children: ReactNode; className?: string; id?: string }) => (
  <section className={`panel ${className ?? ""}`} id={id} tabIndex={id ? -1 : undefined}>
    {title && (
      <header>
        <h2>{title}</h2>
        {extra}
      </header>
    )}
    <div className="panel-body">{children}</div>
  </section>
);

/** What a refusal means, in the person's language; the service's own word beside it for who has to ask for help. */
export function useRefusalText() {
  const { t, has } = useT();
  return (of: Refusal) => {
    const specific = `error.${of.reason}`;
    const general: TextKey =
      of.code === Code.PermissionDenied ? "error.denied"
      : of.code === Code.NotFound ? "error.notFound"
      : of.code === Code.Aborted ? "error.changed"
      : of.code === Code.InvalidArgument ? "error.invalid"
      : of.code === Code.FailedPrecondition ? "error.state"
      : of.code === Code.AlreadyExists ? "error.exists"
      : of.code === Code.ResourceExhausted ? "error.limit"
      : of.code === Code.Unauthenticated ? "error.signedOut"
      : "error.unavailable";
    const text = has(specific) ? t(specific) : t(general);
    const fields = of.violations.map(({ field, description }) => `${field}: ${description}`).join("; ");
    return { text: fields ? `${text} ${fields}` : text, reason: of.reason };
  };
}

export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useT();
  const say = useRefusalText()(refusal(error));
  return (
    <Alert
      type="error"
      showIcon
      title={say.text}
      description={say.reason && <code>{say.reason}</code>}
      action={onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}
    />
  );
}

/** Runs a change; a refusal is said in a message. */
export function useAction<In, Out>(act: (input: In) => Promise<Out>, done?: (out: Out, input: In) => void) {
  const text = useRefusalText();
  return useMutation({
    mutationFn: act,
    onSuccess: done,
    onError: (error) => {
      const say = text(refusal(error));
      toast("bad", say.reason ? `${say.text} (${say.reason})` : say.text);
    },
  });
}

export const Loading = () => {
  const { t } = useT();
  return (
    <div className="loading" role="status" aria-label={t("loading")}>
      <span className="spinner" />
    </div>
  );
};

/** What a query has to show: waiting, refused, or its answer. */
export function Answer<T>({ of, children }: { of: { data: T | undefined; error: unknown; refetch: () => unknown }; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  return of.error ? <ErrorNote error={of.error} onRetry={() => void of.refetch()} /> : <Loading />;
}

/** A labelled field, with what is wrong under it. */
export function Field({ label, id, required, wrong, wide, children }: { label: string; id: string; required?: boolean; wrong?: string | undefined; wide?: boolean; children: ReactNode }) {
  return (
    <div className={`field ${wide ? "wide" : ""} ${wrong ? "field-wrong" : ""}`}>
      <label htmlFor={id}>
        {label}
        {required && <span aria-hidden="true"> *</span>}
      </label>
      {children}
      {wrong && (
        <p className="late" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}

/** A question that waits for an answer; the browser keeps the focus inside and closes it by Escape. */
export function Dialog({ open, title, onClose, children, actions }: { open: boolean; title: string; onClose: () => void; children: ReactNode; actions: ReactNode }) {
  const here = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !here.current?.open) here.current?.showModal();
    if (!open && here.current?.open) here.current.close();
  }, [open]);
  if (!open) return null;
  return (
    <dialog ref={here} className="dialog" role="dialog" aria-label={title} onClose={onClose} onCancel={onClose}>
      <h2>{title}</h2>
      {children}
      <div className="buttons">{actions}</div>
    </dialog>
  );
}

/** Nothing more to show than a sentence. */
export const Notice = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="notice">
    <h2>{title}</h2>
    {children}
  </div>
);
