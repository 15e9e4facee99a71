import { useQueryClient } from "@tanstack/react-query";
import { Form, Modal } from "antd";
import type { ReactNode } from "react";
import { useT } from "../i18n";
import { useAction } from "./kit";
import "./later";

export const need = (message: string) => [{ required: true, message }];

/** A form in a dialogue: saves, says refusals, and has the lists of `done` read again. */
export function Editor<T extends object>({ title, initial, save, done, close, children }: { title: string; initial: Partial<T>; save: (filled: T) => Promise<unknown>; done: string; close: () => void; children: ReactNode }) {
  const { t } = useT();
  const client = useQueryClient();
  const [form] = Form.useForm<T>();
  const send = useAction(save, () => {
    void client.invalidateQueries({ queryKey: [done] });
    close();
  });
  return (
    <Modal open title={title} okText={t("save")} onCancel={close} onOk={() => form.submit()} confirmLoading={send.isPending} width={620}>
      <Form form={form} layout="vertical" className="form-grid" initialValues={initial} onFinish={(filled) => send.mutate(filled as T)}>
        {children}
      </Form>
    </Modal>
  );
}
