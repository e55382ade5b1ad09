import type { Code, Operand } from './assembler.ts';
import { operand, signed, unsigned } from './assembler.ts';

/** The instructions of WebAssembly that are used here, by what they do to their operands. */
type Binary = (a: Operand, b: Operand) => readonly Code[];
type Unary = (a: Operand) => readonly Code[];

const binary = (...opcode: readonly number[]): Binary => (a, b) => [operand(a), operand(b), ...opcode];
const unary = (...opcode: readonly number[]): Unary => (a) => [operand(a), ...opcode];

const load = (opcode: readonly number[]) => (address: Operand, offset = 0): readonly Code[] => [operand(address), ...opcode, 0x00, ...unsigned(offset)];
const store = (opcode: number) => (address: Operand, value: Operand): readonly Code[] => [operand(address), operand(value), opcode, 0x00, 0x00];

export const i32 = {
  load: load([0x28]),
  load8: load([0x2d]),
  store: store(0x36),
  store8: store(0x3a),
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  ltU: binary(0x49),
  gtU: binary(0x4b),
  leU: binary(0x4d),
  geU: binary(0x4f),
  ctz: unary(0x68),
  add: binary(0x6a),
  sub: binary(0x6b),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shrU: binary(0x76),
  fromI64: unary(0xa7),
};

export const i64 = {
  const: (value: bigint): readonly Code[] => [0x42, ...signed(BigInt.asIntN(64, value))],
  load: load([0x29]),
  eqz: unary(0x50),
  ctz: unary(0x7a),
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shrU: binary(0x88),
  fromI32: unary(0xad),
};

export const f64 = {
  const: (value: number): readonly Code[] => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  load: load([0x2b]),
  store: store(0x39),
  neg: unary(0x9a),
  div: binary(0xa3),
  fromI64: unary(0xb9),
};

export const v128 = {
  load: load([0xfd, 0x00]),
  /** A constant of 16 equal bytes. */
  bytes: (byte: number): readonly Code[] => [0xfd, 0x0c, ...new Array<number>(16).fill(byte)],
  and: binary(0xfd, 0x4e),
  or: binary(0xfd, 0x50),
  xor: binary(0xfd, 0x51),
  anyTrue: unary(0xfd, 0x53),
};

export const i8x16 = {
  eq: binary(0xfd, 0x23),
  ltU: binary(0xfd, 0x26),
  /** The highest bits of the bytes, the first byte's lowest. */
  bitmask: unary(0xfd, 0x64),
};

/** A mutable global of the module. */
export const globalAt = (index: number) => ({
  get: [0x23, ...unsigned(index)] as readonly Code[],
  set: (value: Operand): readonly Code[] => [operand(value), 0x24, ...unsigned(index)],
});
