type Writable = HTMLInputElement | HTMLTextAreaElement;

let last: Writable | undefined;
/** Where one searches for what to insert is no place to insert it. */
document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === "text" && !target.closest(".knowledge, .ant-select"))) last = target;
});

/** Puts a text where the person wrote last, or into the field `otherwise`: at the cursor, as if it had been typed. */
export function insertText(text: string, otherwise: string) {
  const field = last?.isConnected ? last : (document.getElementById(otherwise) as Writable | null);
  if (!field) return;
  const { value, selectionStart, selectionEnd, maxLength } = field;
  const [from, to] = [selectionStart ?? value.length, selectionEnd ?? value.length];
  const room = maxLength > 0 ? Math.max(0, maxLength - value.length + (to - from)) : text.length;
  const put = text.slice(0, room);
  const write = Object.getOwnPropertyDescriptor(field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype, "value")!.set!;
  field.focus();
  write.call(field, value.slice(0, from) + put + value.slice(to));
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.setSelectionRange(from + put.length, from + put.length);
}
