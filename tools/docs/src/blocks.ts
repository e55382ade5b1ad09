/** A fenced block of a page. */
export interface Block {
  readonly path: string;
  /** The 1-based line of its first mark. */
  readonly line: number;
  /** What follows the mark: `ts`, `sh`, `text output` and so on; empty where nothing does. */
  readonly tag: string;
  readonly text: string;
}

/** The fenced blocks of a page in order; a block that is not closed ends with the page. */
export function blocksOf(path: string, page: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { readonly line: number; readonly mark: string; readonly tag: string; readonly lines: string[] } | undefined;
  page.split('\n').forEach((line, index) => {
    if (open !== undefined) {
      if (line.trim() === open.mark) {
        blocks.push({ path, line: open.line, tag: open.tag, text: open.lines.join('\n') });
        open = undefined;
      } else open.lines.push(line);
      return;
    }
    const [, mark, tag] = /^\s*(```+|~~~+)\s*(.*)$/.exec(line) ?? [];
    if (mark !== undefined) open = { line: index + 1, mark, tag: (tag ?? '').trim(), lines: [] };
  });
  if (open !== undefined) blocks.push({ path, line: open.line, tag: open.tag, text: open.lines.join('\n') });
  return blocks;
}

/** A program and what the page says that it prints: the block `text output` that comes next, if one does. */
export interface Program {
  readonly block: Block;
  readonly output: string | undefined;
}

/** The `ts` blocks. */
export function programsOf(blocks: readonly Block[]): readonly Program[] {
  return blocks.flatMap((block, index) => {
    if (block.tag !== 'ts') return [];
    const next = blocks[index + 1];
    return [{ block, output: next?.path === block.path && next.tag === 'text output' ? next.text : undefined }];
  });
}

const MERMAID = /^\s*(flowchart|graph|sequenceDiagram|stateDiagram(-v2)?|classDiagram|erDiagram|timeline)\b/;
const PLAIN_COMMAND = /^(cd|git|curl|npx|docker)\b/;

/**
 * What is wrong with a block that is no program, as one sentence, or undefined. Shell blocks may call the scripts in
 * `scripts` and a few plain commands; JSON is parsed; a tag that nobody checks is refused.
 */
export function faultOf(block: Block, scripts: ReadonlySet<string>): string | undefined {
  switch (block.tag) {
    case 'ts':
    case 'text':
    case 'text output':
      return undefined;
    case 'mermaid':
      return MERMAID.test(block.text) ? undefined : 'it is no diagram that Mermaid knows';
    case 'json':
      return jsonFault(block.text);
    case 'sh':
      return block.text.split('\n').map((line) => commandFault(line.trim(), scripts)).find((fault) => fault !== undefined);
    default:
      return `nobody checks a block tagged "${block.tag}"; tag it ts, sh, json, mermaid or text`;
  }
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `it is not JSON: ${String(error)}`;
  }
}

function commandFault(line: string, scripts: ReadonlySet<string>): string | undefined {
  if (line === '' || line.startsWith('#') || PLAIN_COMMAND.test(line) || /^npm ci\b/.test(line)) return undefined;
  const [, script] = /^(?:[A-Z_]+=\S+\s+)?npm (?:run (?:-s )?)?([\w:-]+)/.exec(line) ?? [];
  if (script === undefined) return `"${line}" is no command that is known here`;
  return scripts.has(script) ? undefined : `"${line}" names a script that package.json does not have`;
}
