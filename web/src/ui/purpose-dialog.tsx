import { useQueryClient } from "@tanstack/react-query";
import { Button, Radio } from "antd";
import { useState } from "react";
import { answer, purposes } from "../api/purpose";
import { useCodes } from "../api/records";
import { useT } from "../i18n";
import { Dialog } from "./kit";

/** Asks why before personal values are shown, then reads the record again with the answer. */
export default function PurposeDialog({ of }: { of: string }) {
  const { t } = useT();
  const client = useQueryClient();
  const known = useCodes("UNMASK_PURPOSE").choices;
  const [purpose, choose] = useState<string>();
  return (
    <Dialog
      open
      title={t("purpose.title")}
      onClose={() => answer()}
      actions={
        <>
          <Button
            type="primary"
            disabled={!purpose}
            onClick={() => {
              answer(purpose);
              void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === of });
            }}
          >
            {t("personal.show")}
          </Button>
          <Button onClick={() => answer()}>{t("cancel")}</Button>
        </>
      }
    >
      <p>{t("personal.audited")}</p>
      <Radio.Group vertical aria-label={t("purpose.title")} value={purpose} onChange={({ target }) => choose(target.value as string)} options={known.length > 0 ? known : purposes.map((value) => ({ value, label: t(`purpose.${value}`) }))} />
    </Dialog>
  );
}
