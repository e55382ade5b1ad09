import { JsonLexer, SYNTAX_ERROR } from './json-lexer.ts';
import { fieldType } from './trouble.ts';
import type { Column } from './column.ts';
import type { Trouble } from './trouble.ts';

/** Takes texts that hold JSON into columns of nested values. */
export class JsonValue {
  readonly #lexer = new JsonLexer();

  /** Whether bytes[start, end) are JSON that the field takes; then they are what stands at `row`. */
  take(bytes: Buffer, start: number, end: number, column: Column, row: number): Trouble | undefined {
    const lexer = this.#lexer;
    lexer.bytes = bytes;
    lexer.end = end;
    lexer.tooDeep = false;
    const from = lexer.space(start);
    const to = from < end ? lexer.valueEnd(from, 1) : SYNTAX_ERROR;
    if (to === SYNTAX_ERROR || to > end || lexer.space(to) < end || lexer.tooDeep) return fieldType(column.field);
    const isNull = bytes[from] === 0x6e;
    if (isNull && !column.field.nullable) return fieldType(column.field);
    column.starts[row] = isNull ? -1 : from;
    column.ends[row] = to;
    return undefined;
  }
}
