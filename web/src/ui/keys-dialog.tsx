import { Button } from "antd";
import { useEffect, useState } from "react";
import { useT, type TextKey } from "../i18n";
import { keyNames, remap, restoreKeys, spelled, type KeyName } from "./keys";
import { Dialog, Key } from "./kit";

/** Every key of the client, and the way to choose another. */
export default function KeysDialog({ close }: { close: () => void }) {
  const { t } = useT();
  const [changing, change] = useState<KeyName>();
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    if (!changing) return;
    const pressed = (event: KeyboardEvent) => {
      const key = spelled(event);
      if (!key) return;
      event.preventDefault();
      event.stopPropagation();
      if (key !== "Escape") {
        const refused = remap(changing, key);
        setWrong(refused === "kept" ? t("keys.kept") : refused ? t("keys.taken", { action: t(`key.${refused}` as TextKey) }) : "");
        if (refused) return;
      }
      change(undefined);
    };
    window.addEventListener("keydown", pressed, true);
    return () => window.removeEventListener("keydown", pressed, true);
  }, [changing, t]);
  return (
    <Dialog
      open
      title={t("keys.title")}
      onClose={close}
      actions={
        <>
          <Button onClick={restoreKeys}>{t("keys.restore")}</Button>
          <Button type="primary" onClick={close}>{t("keys.done")}</Button>
        </>
      }
    >
      <p className="quiet" role="status">{wrong || t(changing ? "keys.press" : "keys.help")}</p>
      <ul className="keys-list">
        {keyNames.map((name) => (
          <li key={name}>
            <span>{t(`key.${name}`)}</span>
            <Button size="small" type={changing === name ? "primary" : "default"} aria-label={`${t(`key.${name}`)}: ${t("keys.change")}`} onClick={() => (setWrong(""), change(name))}>
              {changing === name ? "…" : <Key of={name} />}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
