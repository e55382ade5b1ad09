/** What a byte means inside a JSON string: it is part of it, or it needs a closer look. */
export const PLAIN = 0;
export const QUOTE = 1;
export const BACKSLASH = 2;
export const CONTROL = 3;

/** Class of each byte inside a string. */
export const STRING_CLASS = Uint8Array.from({ length: 256 }, (_, byte) => (byte === 0x22 ? QUOTE : byte === 0x5c ? BACKSLASH : byte < 0x20 ? CONTROL : PLAIN));

const HEX = /[0-9a-fA-F]/;
/** 1 for hexadecimal digits. */
export const IS_HEX = Uint8Array.from({ length: 256 }, (_, byte) => (HEX.test(String.fromCharCode(byte)) ? 1 : 0));

const ESCAPES = '"\\/bfnrt';
/** 1 for the bytes that may follow a backslash, `u` aside. */
export const IS_ESCAPE = Uint8Array.from({ length: 256 }, (_, byte) => (ESCAPES.includes(String.fromCharCode(byte)) ? 1 : 0));
