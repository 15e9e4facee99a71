/** Stands in for the component library's own way of adding style at run time: a style element, which the content security
 * policy refuses. A sheet that a script constructs is allowed. Used for the few rules that are measured, such as the width of a
 * scroll bar while a dialogue locks the page. */
interface Options {
  attachTo?: Element | ShadowRoot | null;
}
const sheets = new Map<string, CSSStyleSheet>();

export function injectCSS(css: string, option: Options = {}) {
  return updateCSS(css, css, option);
}

/** Answers with the element the rules would be in: callers set attributes on it. */
export function updateCSS(css: string, key: string, option: Options = {}) {
  const element = document.createElement("style");
  if (option.attachTo && !option.attachTo.isConnected) return element;
  let sheet = sheets.get(key);
  if (!sheet) {
    sheets.set(key, (sheet = new CSSStyleSheet()));
    document.adoptedStyleSheets.push(sheet);
  }
  sheet.replaceSync(css);
  return element;
}

export function removeCSS(key: string) {
  const sheet = sheets.get(key);
  if (!sheet) return;
  sheets.delete(key);
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
}

export function clearContainerCache() {}
