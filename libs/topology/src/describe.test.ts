import { days, minutes, seconds } from '@weir/model';
import type { OperatorSpec, WatermarkStrategy } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { describe as group, expect, it } from 'vitest';
import { describe } from './describe.ts';
import { diagram } from './diagram.ts';
import { projection } from './projection.ts';
import type { SourceNode, Topology } from './topology.ts';

const schema = (name: string, ...fields: readonly string[]): RecordSchema =>
  ({ name, fields: fields.map((field) => ({ name: field, type: 'int', nullable: false })) }) as unknown as RecordSchema;

const spec = (kind: string, detail: string, outputs: readonly string[], reads?: readonly string[]): OperatorSpec => ({
  kind,
  inputs: [{ name: 'in', distribution: { kind: 'forward' }, ...(reads === undefined ? {} : { reads }) }],
  outputs,
  stateful: outputs.length > 1,
  passes: kind === 'filter' ? [{ input: 0, port: 0 }] : outputs.flatMap((output, port) => (output === 'late' ? [{ input: 0, port }] : [])),
  describe: () => ({ kind, detail }),
  create: () => ({ onBatch: () => undefined }),
});

const source = (id: number, name: string, timestamp: SourceNode['eventTime']['timestamp']): SourceNode => ({
  kind: 'source',
  id,
  source: name,
  eventTime: { timestamp, watermark: { describe: 'bounded 5m', reads: [] } as unknown as WatermarkStrategy, idleAfter: seconds(90), whenAllIdle: 'hold', alignment: undefined, maxFuture: days(1), whenTooFarAhead: 'reject' },
});

const topology: Topology = {
  name: 'two-chains',
  sources: { orders: schema('Order', 'cents', 'note', 'at', 'country'), clicks: schema('Click', 'at') },
  sinks: { revenue: schema('Revenue', 'cents'), late: schema('Late', 'note') },
  nodes: [
    source(0, 'orders', { field: 'at' }),
    { kind: 'operator', id: 1, step: 'revenue', spec: spec('window', 'tumbling "1h" <&>', ['results', 'late'], ['country', 'cents']), inputs: [{ node: 0, port: 0 }] },
    { kind: 'operator', id: 2, step: 'map-2', spec: spec('map', '', ['out']), inputs: [{ node: 1, port: 0 }] },
    { kind: 'sink', id: 3, sink: 'revenue', input: { node: 2, port: 0 } },
    { kind: 'sink', id: 4, sink: 'late', input: { node: 1, port: 1 } },
    { ...source(5, 'clicks', { of: () => 0 }), eventTime: { ...source(5, 'clicks', { of: () => 0 }).eventTime, idleAfter: undefined, maxFuture: minutes(90) } },
    { kind: 'discard', id: 6, reason: 'only to hold the watermark', input: { node: 5, port: 0 } },
  ],
};

group('describe', () => {
  it('says each node in one line, naming an output where there are several', () => {
    expect(describe(topology)).toBe(`pipeline two-chains
  source orders (Order): time at, bounded 5m, idle after 90s, at most 1d ahead
  revenue <- orders: window tumbling "1h" <&>
  map-2 <- revenue.results: map
  sink revenue (Revenue) <- map-2
  sink late (Late) <- revenue.late
  source clicks (Click): time a function, bounded 5m, never idle, at most 90m ahead
  discard <- clicks: only to hold the watermark
`);
  });
});

group('diagram', () => {
  it('draws nodes and edges for Mermaid, with what would end a label escaped', () => {
    expect(diagram(topology)).toBe(`flowchart LR
  n0[("orders")]
  n1["revenue<br/>window<br/>tumbling #quot;1h#quot; #lt;#amp;#gt;"]
  n2["map-2<br/>map"]
  n3[("revenue")]
  n4[("late")]
  n5[("clicks")]
  n6(["discard<br/>only to hold the watermark"])
  n0 --> n1
  n1 -->|results| n2
  n2 --> n3
  n1 -->|late| n4
  n5 --> n6
`);
  });
});

group('projection', () => {
  const withNodes = (change: (nodes: Topology['nodes']) => Topology['nodes']): Topology => ({ ...topology, nodes: change(topology.nodes) });
  const first = topology.nodes[0]!;

  it('is what is read by name, in the order of the schema: time, key, aggregates, and what a sink takes of the late rows', () => {
    expect(projection(topology, 'orders')).toEqual(['cents', 'note', 'at', 'country']);
    const discarded = withNodes((nodes) => nodes.map((node) => (node.id === 4 ? { kind: 'discard', id: 4, reason: 'x', input: { node: 1, port: 1 } } : node)));
    expect(projection(discarded, 'orders')).toEqual(['cents', 'at', 'country']);
  });

  it('is everything as soon as a function is given the rows', () => {
    expect(projection(topology, 'clicks')).toBeUndefined();
    const filtered = withNodes((nodes) => [...nodes, { kind: 'operator', id: 7, step: 'filter-7', spec: spec('filter', '', ['out']), inputs: [{ node: 0, port: 0 }] }]);
    expect(projection(filtered, 'orders')).toBeUndefined();
  });

  it('follows rows through a filter that names its fields, and stops where a step makes new rows', () => {
    const chain: Topology = {
      ...topology,
      nodes: [
        first,
        { kind: 'operator', id: 1, step: 'filter-1', spec: spec('filter', '', ['out'], ['note']), inputs: [{ node: 0, port: 0 }] },
        { kind: 'operator', id: 2, step: 'revenue', spec: spec('window', '', ['results', 'late'], ['cents']), inputs: [{ node: 1, port: 0 }] },
        { kind: 'operator', id: 3, step: 'map-3', spec: spec('map', '', ['out']), inputs: [{ node: 2, port: 0 }] },
      ],
    };
    expect(projection(chain, 'orders')).toEqual(['cents', 'note', 'at']);
    const late: Topology = { ...chain, nodes: [...chain.nodes, { kind: 'operator', id: 4, step: 'map-4', spec: spec('map', '', ['out']), inputs: [{ node: 2, port: 1 }] }] };
    expect(projection(late, 'orders')).toBeUndefined();
  });
});
