import { theme, type ThemeConfig } from "antd";

export type Mode = "light" | "dark";

const fonts =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** What every page looks like. The same values are turned into static CSS when the client is built: nothing is styled by
 * script at run time, so the content security policy needs no 'unsafe-inline'. Contrasts meet WCAG 2.2 AA. */
export function look(mode: Mode): ThemeConfig {
  const dark = mode === "dark";
  return {
    hashed: false,
    cssVar: { key: `look-${mode}` },
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      fontFamily: fonts,
      fontSize: 14,
      borderRadius: 6,
      controlHeight: 30,
      controlHeightSM: 24,
      padding: 12,
      paddingLG: 18,
      motion: false,
      colorPrimary: dark ? "#4f8cff" : "#1f5fd0",
      colorSuccess: dark ? "#3fb877" : "#157f4a",
      colorWarning: dark ? "#e0a13a" : "#96590a",
      colorError: dark ? "#ff7a72" : "#c2281d",
      colorPrimaryHover: dark ? "#9cc0ff" : "#174a9f",
      colorPrimaryActive: dark ? "#9cc0ff" : "#174a9f",
      colorErrorHover: dark ? "#ff9c96" : "#9c1f16",
      colorSuccessBg: dark ? "#12301f" : "#e2f4ea",
      colorSuccessBorder: dark ? "#2c6b48" : "#9fd3b6",
      colorWarningBg: dark ? "#38280c" : "#fdf0db",
      colorWarningBorder: dark ? "#7a5b20" : "#e4c48c",
      colorErrorBg: dark ? "#421a17" : "#fde8e6",
      colorErrorBorder: dark ? "#8a3a34" : "#eab1ac",
      colorInfoBg: dark ? "#16294d" : "#e1ecff",
      colorInfoBorder: dark ? "#33568f" : "#a9c5f5",
      colorLink: dark ? "#83aeff" : "#1a55bd",
      colorText: dark ? "#e6e9ef" : "#1a2130",
      colorTextSecondary: dark ? "#b4bccb" : "#465065",
      colorTextTertiary: dark ? "#a3adbf" : "#566075",
      colorTextQuaternary: dark ? "#98a2b5" : "#626c80",
      colorTextDescription: dark ? "#a3adbf" : "#566075",
      colorTextPlaceholder: dark ? "#98a2b5" : "#626c80",
      colorBgLayout: dark ? "#0f131b" : "#f0f3f8",
      colorBgContainer: dark ? "#171d28" : "#ffffff",
      colorBgElevated: dark ? "#1e2634" : "#ffffff",
      colorBorder: dark ? "#66738a" : "#8591a5",
      colorBorderSecondary: dark ? "#2b3444" : "#dfe4ec",
    },
    components: {
      Button: {
        primaryColor: dark ? "#0b1220" : "#ffffff",
        dangerColor: dark ? "#0b1220" : "#ffffff",
        fontWeight: 500,
      },
      Table: { headerBg: dark ? "#1e2634" : "#f5f7fb", headerColor: dark ? "#b4bccb" : "#465065", cellPaddingBlock: 8 },
      Tabs: { horizontalMargin: "0 0 12px 0", ...(dark ? { itemSelectedColor: "#83aeff", itemHoverColor: "#9cc0ff", itemActiveColor: "#83aeff" } : {}) },
    },
  };
}
