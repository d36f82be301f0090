/** Text of models, tools and specs on its way to a terminal: data, so no control character of it may get there. */

/** One line, whatever it holds; tabs become spaces. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are exactly what must go
  return text.replaceAll('\t', '  ').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** Columns padded to their widest cell, the last one not. */
export function textTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
