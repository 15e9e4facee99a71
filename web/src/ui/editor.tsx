import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Modal, Popconfirm } from "antd";
import type { ReactNode } from "react";
import { useT } from "../i18n";
import { useAction } from "./kit";
import "./later";

export const need = (message: string) => [{ required: true, message }];

interface Edited<T extends object> {
  title: string;
  /** The word on the button that saves. */
  ok?: string;
  initial: Partial<T>;
  save: (filled: T) => Promise<unknown>;
  /** The first part of the keys of lists that are read again. */
  done: string;
  close: () => void;
  width?: number;
  /** Takes away what is edited; asked once. */
  remove?: (() => Promise<unknown>) | undefined;
  /** What saving would do, without doing it. */
  attempt?: ((filled: T) => Promise<ReactNode>) | undefined;
  children: ReactNode;
}

/** A form in a dialogue: saves, says refusals, and has the lists of `done` read again. */
export function Editor<T extends object>({ title, ok, initial, save, done, close, width = 620, remove, attempt, children }: Edited<T>) {
  const { t } = useT();
  const client = useQueryClient();
  const [form] = Form.useForm<T>();
  const end = () => {
    void client.invalidateQueries({ queryKey: [done] });
    close();
  };
  const send = useAction(save, end);
  const drop = useAction(() => remove!(), end);
  const dry = useAction(attempt ?? (async () => null));
  return (
    <Modal
      open
      title={title}
      okText={ok ?? t("save")}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={send.isPending}
      width={width}
      footer={(buttons) => (
        <>
          {remove && (
            <Popconfirm title={t("ask.deleteAsk")} onConfirm={() => drop.mutate(undefined)}>
              <Button danger loading={drop.isPending}>{t("ask.delete")}</Button>
            </Popconfirm>
          )}
          {attempt && <Button loading={dry.isPending} onClick={() => void form.validateFields().then((filled) => dry.mutate(filled as T), () => undefined)}>{t("ask.attempt")}</Button>}
          {buttons}
        </>
      )}
    >
      <Form form={form} layout="vertical" className="form-grid" initialValues={initial} onFinish={(filled) => send.mutate(filled as T)}>
        {children}
      </Form>
      {dry.data && <section aria-live="polite" aria-label={t("ask.attempt")}>{dry.data}</section>}
    </Modal>
  );
}
