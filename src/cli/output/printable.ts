/** A text that others wrote, safe to show: on one line, without what a terminal would take for an order. */
export function printable(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '');
}
