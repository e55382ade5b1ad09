/** The part of the WebAssembly interface that is used here; the compiler's own declarations come with those of a browser only. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (limits: { readonly initial: number }) => WebAssemblyMemory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** Linear memory; `grow` by pages of 64 KiB replaces the buffer. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export const { Module, Memory, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }).WebAssembly;
