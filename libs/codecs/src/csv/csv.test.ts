import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { decodeValues } from '../codec-laws.ts';
import { csv } from './csv.ts';
import type { CsvOptions } from './csv.ts';

const Row = record('Row', { id: int(), name: string(), note: nullable(string()), share: nullable(float()) });

async function read(texts: readonly string[], options: CsvOptions = {}): Promise<{ readonly rows: object[]; readonly troubles: string[] }> {
  const { rows, rejections } = await decodeValues(csv(Row, options).decoder(), texts.map((text) => Buffer.from(text)));
  return { rows: rows.map(({ row }) => row), troubles: rejections.map(({ offset, code }) => `${offset} ${code}`) };
}

describe('csv', () => {
  it('tells null from a text of nothing, by its quotes', async () => {
    expect((await read(['1,,,', '2,"","",0.5', '3,x,y,'])).rows).toEqual([
      { id: 1, name: '', note: null, share: null },
      { id: 2, name: '', note: '', share: 0.5 },
      { id: 3, name: 'x', note: 'y', share: null },
    ]);
    expect((await read(['1,\\N,\\N,\\N', '2,,"\\N",1'], { nullText: '\\N' })).rows).toEqual([
      { id: 1, name: '\\N', note: null, share: null },
      { id: 2, name: '', note: '\\N', share: 1 },
    ]);
  });

  it('takes a line end behind the row, and no second row', async () => {
    expect(await read(['1,a,b,1\n', '2,a,b,1\r\n', '3,a,b,1\n\n', '4,a,b,1\n5,a,b,1', '6,a,b,1\r', '7,"a\r\nb",c,1'])).toMatchObject({ rows: [{ id: 1 }, { id: 2 }, { id: 7, name: 'a\r\nb' }], troubles: ['2 CSV_SYNTAX', '3 CSV_SYNTAX', '4 CSV_SYNTAX'] });
  });

  it('may begin with a byte order mark, which is no part of it', async () => {
    expect((await read(['\ufeff1,a,b,1', '\ufeff\ufeff1,a,b,1'])).rows).toEqual([{ id: 1, name: 'a', note: 'b', share: 1 }]);
    expect((await read(['\ufeffid,name\n1,\ufeffa', 'id,name\n2,b'], { header: true })).rows).toEqual([{ id: 1, name: '\ufeffa', note: null, share: null }, { id: 2, name: 'b', note: null, share: null }]);
  });

  it('says what is wrong', async () => {
    const texts = ['1,a,b', '1,a,b,1,2', '"1,a,b,1', '1,a"b,c,1', '1,"a"b,c,1', 'x,a,b,1', '1.5,a,b,1', '9007199254740993,a,b,1', ',a,b,1', '1,a,b,x', '1,a,b,1e999', ' 1,a,b,1', '01,a,b,1', '1,a,b,1.'];
    expect((await read(texts)).troubles).toEqual([
      '0 CSV_COLUMNS', '1 CSV_COLUMNS', '2 CSV_SYNTAX', '3 CSV_SYNTAX', '4 CSV_SYNTAX', '5 FIELD_TYPE', '6 NUMBER_RANGE', '7 NUMBER_RANGE', '8 FIELD_TYPE', '9 FIELD_TYPE', '10 NUMBER_RANGE', '11 FIELD_TYPE', '12 FIELD_TYPE', '13 FIELD_TYPE',
    ]);
  });

  it('reads numbers no further than their field', async () => {
    // In a batch a value is followed by the number of its headers, which may look like a digit.
    expect((await read(['1,a,b,12'])).rows).toEqual([{ id: 1, name: 'a', note: 'b', share: 12 }]);
    const All = record('All', { at: timestamp(), ok: boolean(), tags: nested<unknown>() });
    const { rows, rejections } = await decodeValues(csv(All).decoder(), ['5,true,"{""a"":[1]}"', '5,false,7', '5,TRUE,7', '5,true,{', '8640000000000001,true,1', '5,true,null'].map((text) => Buffer.from(text)));
    expect(rows.map(({ row }) => row)).toEqual([{ at: 5, ok: true, tags: { a: [1] } }, { at: 5, ok: false, tags: 7 }]);
    expect(rejections.map(({ code }) => code)).toEqual(['FIELD_TYPE', 'FIELD_TYPE', 'NUMBER_RANGE', 'FIELD_TYPE']);
  });

  it('takes columns by the header of each value', async () => {
    const texts = ['id,name\n1,a', 'name,id,more,share\n"b",2,x,0.5', 'name,id,more,share\nc,3,y,', 'name\nx', '"id","na""me",name\r\n4,-,d\r\n', 'id,name', 'id,id,name\n1,2,3', 'id,name\n1'];
    expect(await read(texts, { header: true })).toEqual({
      rows: [{ id: 1, name: 'a', note: null, share: null }, { id: 2, name: 'b', note: null, share: 0.5 }, { id: 3, name: 'c', note: null, share: null }, { id: 4, name: 'd', note: null, share: null }],
      troubles: ['3 FIELD_MISSING', '5 CSV_SYNTAX', '6 CSV_SYNTAX', '7 CSV_COLUMNS'],
    });
  });

  it('reads its own columns of rows that have others', async () => {
    expect((await read(['x,a,1'], { columns: ['other', 'name', 'id'] })).rows).toEqual([{ id: 1, name: 'a', note: null, share: null }]);
  });

  it.each<[CsvOptions, string]>([
    [{ separator: '' }, 'separator'],
    [{ separator: ';;' }, 'separator'],
    [{ separator: 'é' }, 'separator'],
    [{ separator: '"' }, 'separator'],
    [{ separator: '\n' }, 'separator'],
    [{ header: true, columns: ['id'] }, 'columns are given'],
    [{ columns: ['id', 'id'] }, 'twice'],
    [{ nullText: '"' }, 'without quotes'],
    [{ nullText: ',' }, 'without quotes'],
  ])('refuses options that do not fit: %j', (options, why) => {
    expect(() => csv(Row, options)).toThrow(why);
  });

  it('writes no row that lacks what may not be null', () => {
    expect(() => csv(Row).encode({ id: null as unknown as number, name: 'a', note: null, share: null })).toThrow("CSV_VALUE: Field 'id'");
    expect(() => csv(Row).encode({ id: 1, name: 'a', note: null, share: Number.NaN })).toThrow("CSV_VALUE: Field 'share'");
  });
});
