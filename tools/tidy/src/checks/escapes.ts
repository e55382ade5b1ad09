import type { Check, Offence } from '../check.ts';
import { isTest, sourcesOf } from '../repository.ts';

const FUNCTION_FROM_TEXT = /no-new-func|no-eval|no-implied-eval/;

/** An exception from a rule says why, and code made from text has one home. */
export const escapes: Check = {
  name: 'escapes',
  rule: 'A disabled lint rule is named and has a reason after " -- "; code is made from text in one file of libs/codecs only; no work is left as a note in a comment.',
  find(repository) {
    const offences: Offence[] = [];
    const makers = new Set<string>();
    for (const path of sourcesOf(repository)) {
      if (path.startsWith('tools/tidy/src/')) continue;
      repository.read(path).split('\n').forEach((text, index) => {
        const line = index + 1;
        const disabled = /eslint-disable(?:-next-line|-line)?\b(.*)$/.exec(text)?.[1];
        if (disabled !== undefined && !/^\s+[@\w/-]+(\s*,\s*[@\w/-]+)*\s+--\s+\S/.test(disabled)) offences.push({ path, line, what: 'a disabled rule is named, and its reason follows " -- "' });
        if (disabled !== undefined && FUNCTION_FROM_TEXT.test(disabled)) makers.add(path);
        if (/@ts-expect-error\s*$/.test(text) && !isTest(path)) offences.push({ path, line, what: 'an expected error says why it is expected' });
        if (/\b(TODO|FIXME|XXX|HACK)\b/.test(text)) offences.push({ path, line, what: 'work that is left belongs to a tracker, or is done' });
      });
    }
    const strangers = [...makers].filter((path, index) => index > 0 || !path.startsWith('libs/codecs/src/'));
    return [...offences, ...strangers.map((path) => ({ path, what: 'makes code from text; one file of libs/codecs may' }))];
  },
};
