/** Where things lie in the memory that the scanning program works on. Bytes. */

/** For each byte 1 if it is a hexadecimal digit, 2 if it may follow a backslash (u aside). */
export const BYTE_CLASSES = 0;
export const IS_HEX = 1;
export const IS_ESCAPE = 2;
/** Powers of ten, 10^0 to 10^8, as 64-bit integers. */
export const POWERS_OF_TEN = 256;
/** The bracket that opened each level. */
export const BRACKETS = 512;
/**
 * Names of members: entries of NAME_BYTES each. The first stands for the beginning of a record: its bits are those of all fields
 * that are projected, and its column says where the entries end.
 */
export const NAMES = 1_024;
export const NAME_BYTES = 48;
export const MAX_NAMES = 256;
/** The names themselves, each padded to pieces of 16 bytes, every piece followed by the mask of its bytes that count. */
export const NAME_TEXT = NAMES + NAME_BYTES * MAX_NAMES;
export const NAME_TEXT_BYTES = 24 * 1_024;
/** Where the bytes of a fetch begin; columns lie behind them. */
export const INPUT = 40 * 1_024;
/** Zeros behind the fetch: what a token that is not closed runs into. */
export const PADDING = 32;

/** Within an entry of NAMES. */
export const NAME_TEXT_AT = 0;
/** Bytes of the name with its quotes. */
export const NAME_LENGTH = 4;
export const NAME_KIND = 8;
/** Where the column is: numbers, or the starts of texts. */
export const NAME_COLUMN = 12;
export const NAME_ENDS = 16;
/** The entry that followed this one the last time. */
export const NAME_NEXT = 20;
/** One bit of 64 for a field that is projected; 0 for others. */
export const NAME_BIT = 24;
export const NAME_NULLABLE = 32;

/** What to do with the value of a name. */
export const KIND_SKIP = 0;
export const KIND_STRING = 1;
export const KIND_INT = 2;
export const KIND_FLOAT = 3;
export const KIND_BOOLEAN = 4;
export const KIND_JSON = 5;
