import {
  ApartmentOutlined, AuditOutlined, BarChartOutlined, CustomerServiceOutlined, DesktopOutlined, FileDoneOutlined, LogoutOutlined, MoonOutlined,
  MacCommandOutlined, NotificationOutlined, ReadOutlined, SettingOutlined, SunOutlined, TeamOutlined,
} from "@ant-design/icons";
import { StyleProvider } from "@ant-design/cssinjs";
import { Button, ConfigProvider } from "antd";
import enUS from "antd/es/locale/en_US";
import zhCN from "antd/es/locale/zh_CN";
import { Component, lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { useDeskRules } from "./api/desk-rules";
import { useAsking } from "./api/purpose";
import { signOut, useMay, useSession } from "./api/session";
import { setLanguage, useT, type TextKey } from "./i18n";
import { look } from "./look";
import { Loading, Notice } from "./ui/kit";
import { Link, navigate, usePath } from "./ui/router";
import { Toasts } from "./ui/toast";
import { setMode, useMode } from "./ui/theme";
import { SignInPage, NewPasswordPage } from "./sign-in";

interface Place {
  path: string;
  title: TextKey;
  icon: ReactNode;
  /** Any of these opens it. */
  permissions: string[];
  page: ReturnType<typeof lazy>;
}

const places: Place[] = [
  { path: "desk", title: "nav.desk", icon: <CustomerServiceOutlined />, permissions: ["routing.desk"], page: lazy(() => import("./desk/page")) },
  { path: "floor", title: "nav.floor", icon: <DesktopOutlined />, permissions: ["routing.supervise"], page: lazy(() => import("./pages/floor")) },
  { path: "orders", title: "nav.orders", icon: <FileDoneOutlined />, permissions: ["workorder.read"], page: lazy(() => import("./pages/orders")) },
  { path: "customers", title: "nav.customers", icon: <TeamOutlined />, permissions: ["customer.read"], page: lazy(() => import("./pages/customers")) },
  { path: "campaigns", title: "nav.campaigns", icon: <NotificationOutlined />, permissions: ["campaign.read"], page: lazy(() => import("./pages/campaigns")) },
  { path: "knowledge", title: "nav.knowledge", icon: <ReadOutlined />, permissions: ["knowledge.write", "knowledge.approve"], page: lazy(() => import("./pages/knowledge")) },
  { path: "quality", title: "nav.quality", icon: <AuditOutlined />, permissions: ["qa.read", "qa.evaluate", "qa.acknowledge"], page: lazy(() => import("./pages/quality")) },
  { path: "reports", title: "nav.reports", icon: <BarChartOutlined />, permissions: ["insight.read"], page: lazy(() => import("./pages/reports")) },
  { path: "flows", title: "nav.flows", icon: <ApartmentOutlined />, permissions: ["ivr.edit", "ivr.publish"], page: lazy(() => import("./pages/flows")) },
  { path: "admin", title: "nav.admin", icon: <SettingOutlined />, permissions: ["tenant.admin", "routing.admin", "access.audit", "customer.steward"], page: lazy(() => import("./pages/admin")) },
];

/** A fault of a page stays in the page: at the next place it is another try. */
class Fence extends Component<{ children: ReactNode; at: string; say: string; again: string }, { broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError() {
    return { broken: true };
  }
  override componentDidUpdate(before: { at: string }) {
    if (this.state.broken && before.at !== this.props.at) this.setState({ broken: false });
  }
  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Notice title={this.props.say}>
        <Button onClick={() => location.reload()}>{this.props.again}</Button>
      </Notice>
    );
  }
}

export function Preferences() {
  const { t, language } = useT();
  const mode = useMode();
  return (
    <>
      <Button type="text" onClick={() => setLanguage(language === "zh-CN" ? "en" : "zh-CN")} lang={language === "zh-CN" ? "en" : "zh-CN"}>
        {language === "zh-CN" ? "English" : "中文"}
      </Button>
      <Button
        type="text"
        title={t(mode === "dark" ? "look.light" : "look.dark")}
        aria-label={t(mode === "dark" ? "look.light" : "look.dark")}
        icon={mode === "dark" ? <SunOutlined /> : <MoonOutlined />}
        onClick={() => setMode(mode === "dark" ? "light" : "dark")}
      />
    </>
  );
}

const PurposeDialog = lazy(() => import("./ui/purpose-dialog"));
const KeysDialog = lazy(() => import("./ui/keys-dialog"));

function Shell() {
  const { t } = useT();
  const session = useSession();
  const may = useMay();
  const [path] = usePath();
  const open = places.filter(({ permissions }) => may(...permissions));
  const here = places.find((place) => place.path === path);
  const Page = here && open.includes(here) ? here.page : undefined;
  const first = open[0]?.path;
  const [keys, showKeys] = useState(false);
  const asked = useAsking();
  useDeskRules(may("routing.read")); // times are drawn anew in the tenant's zone
  useEffect(() => {
    if (!path && first) navigate(`/${first}`, true);
  }, [path, first]);
  useEffect(() => {
    document.title = here ? `${t(here.title)} · Carillon` : "Carillon";
  });
  if (session.state !== "in") return null;
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("skip")}
      </a>
      <nav className="rail" aria-label={t("nav")}>
        <Link to="/" className="brand" aria-label="Carillon">
          <img src="/bell.svg" alt="" width="32" height="32" />
        </Link>
        {open.map((place) => (
          <Link key={place.path} to={`/${place.path}`} className={place === here ? "active" : ""} aria-current={place === here ? "page" : undefined}>
            {place.icon}
            <span>{t(place.title)}</span>
          </Link>
        ))}
      </nav>
      <div className="bar">
        <strong>Carillon</strong>
        <span className="bar-rest" id="bar-slot" />
        <Button type="text" title={t("keys.title")} icon={<MacCommandOutlined />} aria-label={t("keys.title")} onClick={() => showKeys(true)} />
        <Preferences />
        <span className="who">{session.user.displayName || session.user.login}</span>
        <Button type="text" title={t("signOut")} icon={<LogoutOutlined />} aria-label={t("signOut")} onClick={() => void signOut()} />
      </div>
      <Suspense>
        {keys && <KeysDialog close={() => showKeys(false)} />}
        {asked && <PurposeDialog key={asked} of={asked} />}
      </Suspense>
      <main id="main" tabIndex={-1}>
        <Fence key={path} at={location.pathname} say={t("fault")} again={t("retry")}>
          <Suspense fallback={<Loading />}>{Page ? <Page /> : path ? <Notice title={t(here ? "error.denied" : "error.noPage")} /> : null}</Suspense>
        </Fence>
      </main>
    </div>
  );
}

/** The library would add the values of its look to the page at run time. They are in our style sheet, and the content security
 * policy allows no other: here they go where nobody looks. */
const nowhere = document.createElement("div");

export function Root() {
  const session = useSession();
  const { language } = useT();
  const mode = useMode();
  return (
    <StyleProvider container={nowhere}>
      <ConfigProvider
        locale={language === "zh-CN" ? zhCN : enUS}
        theme={{ ...look(mode), zeroRuntime: true }}
        button={{ autoInsertSpace: false }}
        // Lists of a dialogue open inside it: the browser draws nothing else above it.
        getPopupContainer={(trigger) => trigger?.closest("dialog") ?? document.body}
      >
        {session.state === "starting" && <Loading />}
        {session.state === "out" && <SignInPage ended={session.reason === "ended"} />}
        {session.state === "password" && <NewPasswordPage user={session.user} oldPassword={session.oldPassword} />}
        {session.state === "in" && <Shell />}
        <Toasts />
      </ConfigProvider>
    </StyleProvider>
  );
}
