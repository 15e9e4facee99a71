import { Alert, Button } from "antd";
import Input from "antd/es/input/Input"; // without its searches and passwords: this is in the first load
import { useState } from "react";
import { changePassword, signIn } from "./api/session";
import { refusal } from "./api/errors";
import { ErrorNote, Field } from "./ui/kit";
import { useT } from "./i18n";
import { Preferences } from "./shell";
import type { User } from "./gen/carillon/access/v1/user_pb";
import type { ReactNode } from "react";

function Gate({ children }: { children: ReactNode }) {
  const { t } = useT();
  return (
    <main className="gate">
      <div className="gate-preferences">
        <Preferences />
      </div>
      <section className="gate-card">
        <img src="/bell.svg" alt="" width="44" height="44" />
        <h1>Carillon</h1>
        <p>{t("product")}</p>
        {children}
      </section>
    </main>
  );
}

export function SignInPage({ ended }: { ended: boolean }) {
  const { t } = useT();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const kept = localStorage.getItem("carillon.tenant") ?? "";
  const taken = error !== undefined && refusal(error).reason === "SESSION_EXISTS";
  const [values, set] = useState({ tenant: kept, login: "", password: "" });
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      localStorage.setItem("carillon.tenant", values.tenant);
      await signIn(values.tenant.trim(), values.login.trim(), values.password, taken);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Gate>
      {ended && error === undefined && <Alert type="warning" showIcon title={t("error.signedOut")} />}
      {error !== undefined && <ErrorNote error={error} />}
      <form className="gate-form" onSubmit={(event) => (event.preventDefault(), void send())}>
        <Field label={t("signIn.tenant")} id="tenant">
          <Input id="tenant" size="large" autoComplete="organization" required autoFocus={!kept} value={values.tenant} onChange={({ target }) => set({ ...values, tenant: target.value })} />
        </Field>
        <Field label={t("signIn.login")} id="login">
          <Input id="login" size="large" autoComplete="username" required autoFocus={Boolean(kept)} value={values.login} onChange={({ target }) => set({ ...values, login: target.value })} />
        </Field>
        <Field label={t("signIn.password")} id="password">
          <Input id="password" size="large" type="password" autoComplete="current-password" required value={values.password} onChange={({ target }) => set({ ...values, password: target.value })} />
        </Field>
        <Button type="primary" size="large" htmlType="submit" block loading={busy}>
          {t(taken ? "signIn.replace" : "signIn")}
        </Button>
      </form>
    </Gate>
  );
}

export function NewPasswordPage({ user, oldPassword }: { user: User; oldPassword: string }) {
  const { t } = useT();
  const [error, setError] = useState<unknown>();
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const differ = again !== "" && fresh !== again;
  const send = async () => {
    if (differ) return;
    setError(undefined);
    try {
      await changePassword(oldPassword, fresh);
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <Gate>
      <Alert type="info" showIcon title={t("password.must", { login: user.login })} description={t("password.rules")} />
      {error !== undefined && <ErrorNote error={error} />}
      <form className="gate-form" onSubmit={(event) => (event.preventDefault(), void send())}>
        <Field label={t("password.fresh")} id="fresh">
          <Input id="fresh" size="large" type="password" autoComplete="new-password" required minLength={12} maxLength={128} value={fresh} onChange={({ target }) => setFresh(target.value)} />
        </Field>
        <Field label={t("password.again")} id="again" wrong={differ ? t("password.differ") : undefined}>
          <Input id="again" size="large" type="password" autoComplete="new-password" required value={again} onChange={({ target }) => setAgain(target.value)} />
        </Field>
        <Button type="primary" size="large" htmlType="submit" block>
          {t("password.change")}
        </Button>
      </form>
    </Gate>
  );
}
