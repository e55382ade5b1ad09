import { WeirError } from '@weir/model';
import { canBeEmpty } from './check-pattern.ts';
import type { Condition, Contiguity, GroupElement, PatternDefinition, PatternElement, Preference, Quantifier, StepElement } from './pattern-definition.ts';
import { isLoop, stepsOf } from './pattern-definition.ts';
import { ACCEPT } from './pattern-graph.ts';
import type { GraphStep, PatternEdge, PatternGraph, PatternPlace, Test } from './pattern-graph.ts';

const MOST_PLACES = 1_000;

/** What holds between two rows of a match. */
type Link = Omit<PatternEdge, 'id' | 'target' | 'yieldsTo'>;

interface OpenEdge extends PatternEdge {
  readonly yieldsTo: PatternEdge[];
}

/** Loops unrolled: a sequence in which things may be left out or repeated. `link` leads to an item from what is before it. */
type Node =
  | { readonly kind: 'place'; readonly place: number }
  | { readonly kind: 'sequence'; readonly items: readonly { readonly node: Node; readonly link: Link }[] }
  | { readonly kind: 'option'; readonly node: Node; readonly preference: Preference }
  | { readonly kind: 'loop'; readonly node: Node; readonly link: Link; readonly preference: Preference };

/** Which edges into a node go before those that pass it by, and which behind. */
interface Order {
  readonly before: readonly OpenEdge[];
  readonly behind: readonly OpenEdge[];
}

/** Ways into a node, and the order of those that pass it by, where it can be left out. */
interface Entries {
  readonly edges: readonly OpenEdge[];
  readonly passing: Order | undefined;
}

interface Following {
  readonly edges: readonly OpenEdge[];
  /** Undefined when the match cannot end here; an edge when negations have to hold before. */
  readonly end: OpenEdge | 'now' | undefined;
}

/** What may follow a node, given the negations that are still to hold. */
type Continuation = (pending: Negations) => Following;

type Negations = Pick<Link, 'notNext' | 'notBetween'>;

const NOTHING: Negations = { notNext: [], notBetween: [] };
const FREE: Link = { contiguity: 'any', ...NOTHING, ends: [], bars: [], withinPrevious: Number.POSITIVE_INFINITY };

/**
 * Makes the automaton of a pattern. Throws PATTERN_EMPTY when it could match nothing, PATTERN_UNBOUNDED when a partial match may wait for
 * ever and nobody said so, PATTERN_NEGATION_LAST when a negation at the end has no time limit, PATTERN_TOO_LARGE above 1,000 places.
 */
export function compilePattern(definition: PatternDefinition): PatternGraph {
  const { elements } = definition;
  if (canBeEmpty(elements)) throw new WeirError('PATTERN_EMPTY', 'The pattern can be matched by no rows at all.', { remedy: 'Make at least one of its steps required.' });
  const places = placesOf(elements);
  if (places > MOST_PLACES) throw new WeirError('PATTERN_TOO_LARGE', `The pattern has ${places} places once its counts are written out.`, { remedy: `Use smaller counts: at most ${MOST_PLACES} places.` });
  const graph = new PatternCompiler(definition).compile();
  checkTime(definition, graph);
  return graph;
}

function placesOf(elements: readonly PatternElement[]): number {
  let places = 0;
  for (const element of elements) {
    if (element.kind === 'not') continue;
    const { min, max } = element.quantifier;
    places += (Number.isFinite(max) ? max : min) * (element.kind === 'step' ? 1 : placesOf(element.elements));
  }
  return places;
}

function checkTime({ within, unbounded, elements }: PatternDefinition, graph: PatternGraph): void {
  if (within !== undefined) return;
  const waits = graph.edges.filter((edge) => !graph.starts.includes(edge) && edge.contiguity !== 'strict' && edge.withinPrevious === Number.POSITIVE_INFINITY);
  if (waits.some(({ target }) => target === ACCEPT)) {
    throw new WeirError('PATTERN_NEGATION_LAST', 'The pattern can end in a negation and says nowhere how long that has to hold.', { remedy: 'Add within(…), or withinPrevious(…) to the negation.' });
  }
  if (!unbounded && (waits.length > 0 || hasEndlessLoop(elements))) {
    throw new WeirError('PATTERN_UNBOUNDED', 'A partial match may wait for ever.', { remedy: 'Add within(…), or say unbounded() if that is meant.' });
  }
}

function hasEndlessLoop(elements: readonly PatternElement[]): boolean {
  return elements.some((element) => element.kind !== 'not' && (element.quantifier.max === Number.POSITIVE_INFINITY || (element.kind === 'group' && hasEndlessLoop(element.elements))));
}

class PatternCompiler {
  readonly #definition: PatternDefinition;
  readonly #elements: readonly StepElement[];
  readonly #steps: readonly GraphStep[];
  readonly #tests: Test[] = [];
  readonly #edges: OpenEdge[] = [];
  /** Step of each place. */
  readonly #placeSteps: number[] = [];
  readonly #followings: Following[] = [];

  constructor(definition: PatternDefinition) {
    this.#definition = definition;
    this.#elements = stepsOf(definition.elements);
    const finalLists = this.#listsSeenFrom(definition.elements, undefined);
    const tests = this.#stepTests(definition.elements, new Map<StepElement, Test | undefined>());
    this.#steps = this.#elements.map((element, step) => ({ name: element.name, test: tests.get(element), isList: finalLists[step]! }));
  }

  compile(): PatternGraph {
    const { elements, within, afterMatch } = this.#definition;
    const { node, trailing } = this.#sequence(elements, elements);
    const starts = this.#enter(node, FREE);
    this.#wire(node, (pending) => ({ edges: [], end: this.#end(linked(trailing, pending)) }));
    const places = this.#followings.map((following, place) => this.#placeOf(place, following));
    return { steps: this.#steps, places, starts: starts.edges, edges: this.#edges, tests: this.#tests, within: within ?? Number.POSITIVE_INFINITY, afterMatch };
  }

  #placeOf(place: number, { edges, end }: Following): PatternPlace {
    return { step: this.#placeSteps[place]!, edges: [...edges, ...edgesOf(end)], accepts: end === 'now' };
  }

  /** Negations that are open when the match could end have to hold until its time is over. */
  #end(link: Link): OpenEdge | 'now' {
    return link.notNext.length === 0 && link.notBetween.length === 0 ? 'now' : this.#edge(ACCEPT, { ...link, contiguity: 'relaxed' });
  }

  /** The elements in a row, and what the negations behind the last of them ask. */
  #sequence(elements: readonly PatternElement[], scope: readonly PatternElement[]): { readonly node: Node; readonly trailing: Link } {
    const items: { node: Node; link: Link }[] = [];
    let link = FREE;
    for (const element of elements) {
      if (element.kind === 'not') {
        const test = this.#test(element.condition ?? (() => true), this.#listsSeenFrom(scope, undefined));
        const negation = element.contiguity === 'strict' ? { notNext: [test], notBetween: [] } : { notNext: [], notBetween: [test] };
        link = { ...linked(link, negation), withinPrevious: Math.min(link.withinPrevious, element.withinPrevious ?? Number.POSITIVE_INFINITY) };
        continue;
      }
      const { quantifier } = element;
      const until = quantifier.until === undefined ? [] : [this.#test(quantifier.until, this.#listsSeenFrom(scope, undefined))];
      const first: Link = { ...link, contiguity: element.contiguity, bars: until, withinPrevious: Math.min(link.withinPrevious, element.withinPrevious ?? Number.POSITIVE_INFINITY) };
      const again: Link = { ...FREE, contiguity: quantifier.inner, ends: until, withinPrevious: element.withinPrevious ?? Number.POSITIVE_INFINITY };
      items.push({ node: this.#rounds(element, quantifier, again), link: first });
      link = FREE;
    }
    return { node: { kind: 'sequence', items }, trailing: link };
  }

  /** `min` rounds written out, then the loop or the optional rest. */
  #rounds(element: StepElement | GroupElement, { min, max, optional, preference }: Quantifier, again: Link): Node {
    const round = (): Node => (element.kind === 'step' ? this.#newPlace(element) : this.#sequence(element.elements, element.elements).node);
    const items = Array.from({ length: min }, () => ({ node: round(), link: again }));
    if (max === Number.POSITIVE_INFINITY) {
      items.push({ node: { kind: 'loop', node: items.pop()!.node, link: again, preference }, link: again });
    } else {
      let rest: Node | undefined;
      for (let extra = min; extra < max; extra++) {
        const node = round();
        rest = { kind: 'option', preference, node: rest === undefined ? node : { kind: 'sequence', items: [{ node, link: FREE }, { node: rest, link: again }] } };
      }
      if (rest !== undefined) items.push({ node: rest, link: again });
    }
    const required: Node = { kind: 'sequence', items };
    return optional ? { kind: 'option', node: required, preference } : required;
  }

  #newPlace(element: StepElement): Node {
    this.#placeSteps.push(this.#elements.indexOf(element));
    return { kind: 'place', place: this.#placeSteps.length - 1 };
  }

  /** New edges to where a node can begin, each with what `link` asks. */
  #enter(node: Node, link: Link): Entries {
    if (node.kind === 'place') return { edges: [this.#edge(node.place, link)], passing: undefined };
    if (node.kind === 'loop') return this.#enter(node.node, link);
    if (node.kind === 'option') {
      const { edges } = this.#enter(node.node, link);
      return { edges, passing: orderOf(edges, node.preference) };
    }
    const edges: OpenEdge[] = [];
    let order: Order = orderOf([], 'none');
    let pending: Negations = NOTHING;
    for (const [index, item] of node.items.entries()) {
      const contiguity: Contiguity = index === 0 ? link.contiguity : item.link.contiguity;
      const own = index === 0 ? { ...item.link, ends: [], ...NOTHING } : item.link;
      const entries = this.#enter(item.node, both(linked(link, pending), own, contiguity));
      putInOrder(entries.edges, order);
      edges.push(...entries.edges);
      if (entries.passing === undefined) return { edges, passing: undefined };
      order = { before: [...order.before, ...entries.passing.before], behind: [...order.behind, ...entries.passing.behind] };
      pending = linked(pending, own);
    }
    return { edges, passing: order };
  }

  /** Gives each place of a node what may follow it. */
  #wire(node: Node, after: Continuation): void {
    if (node.kind === 'place') this.#followings[node.place] = after(NOTHING);
    else if (node.kind === 'option') this.#wire(node.node, after);
    else if (node.kind === 'loop') this.#wire(node.node, (pending) => {
        const { edges } = this.#enter(node.node, linked(node.link, pending));
        return follow(edges, orderOf(edges, node.preference), after(pending));
      });
    else {
      let next = after;
      for (const item of [...node.items].reverse()) {
        const rest = next;
        this.#wire(item.node, rest);
        next = (pending) => {
          const { edges, passing } = this.#enter(item.node, linked(item.link, pending));
          return passing === undefined ? { edges, end: undefined } : follow(edges, passing, rest(linked(pending, item.link)));
        };
      }
    }
  }

  #edge(target: number, link: Link): OpenEdge {
    const edge: OpenEdge = { id: this.#edges.length, target, ...link, yieldsTo: [] };
    this.#edges.push(edge);
    return edge;
  }

  #stepTests(elements: readonly PatternElement[], tests: Map<StepElement, Test | undefined>): ReadonlyMap<StepElement, Test | undefined> {
    for (const element of elements) {
      if (element.kind === 'group') this.#stepTests(element.elements, tests);
      else if (element.kind === 'step') tests.set(element, element.condition === undefined ? undefined : this.#test(element.condition, this.#listsSeenFrom(elements, element)));
    }
    return tests;
  }

  #test(condition: Condition, lists: readonly boolean[]): Test {
    const test = { id: this.#tests.length, condition, lists };
    this.#tests.push(test);
    return test;
  }

  /**
   * By step: whether a condition that stands in a sequence sees its rows as a list. Loops around the sequence do not count, since the
   * condition was typed without them; its own rows are always a list.
   */
  #listsSeenFrom(sequence: readonly PatternElement[], own: StepElement | undefined): readonly boolean[] {
    const lists = new Map<StepElement, boolean>();
    mark(this.#definition.elements, false, sequence, lists);
    return this.#elements.map((element) => element === own || lists.get(element)!);
  }
}

function mark(elements: readonly PatternElement[], inLoop: boolean, seenFrom: readonly PatternElement[], lists: Map<StepElement, boolean>): void {
  const around = elements === seenFrom ? false : inLoop;
  for (const element of elements) {
    if (element.kind === 'step') lists.set(element, around || isLoop(element.quantifier));
    else if (element.kind === 'group') mark(element.elements, around || isLoop(element.quantifier), seenFrom, lists);
  }
}

function linked<L extends Negations>(link: L, { notNext, notBetween }: Negations): L {
  return { ...link, notNext: [...link.notNext, ...notNext], notBetween: [...link.notBetween, ...notBetween] };
}

/** What is asked of the row that begins a group: what leads to the group, and what the step asks by itself. */
function both(outer: Link, own: Link, contiguity: Contiguity): Link {
  return {
    ...linked(outer, own),
    contiguity,
    ends: [...outer.ends, ...own.ends],
    bars: [...outer.bars, ...own.bars],
    withinPrevious: Math.min(outer.withinPrevious, own.withinPrevious),
  };
}

function orderOf(edges: readonly OpenEdge[], preference: Preference): Order {
  return { before: preference === 'longer' ? edges : [], behind: preference === 'shorter' ? edges : [] };
}

/** What goes into a node and what passes it by, together. */
function follow(edges: readonly OpenEdge[], order: Order, rest: Following): Following {
  putInOrder([...rest.edges, ...edgesOf(rest.end)], order);
  // What prefers to end does so at once where it can.
  const remaining = rest.end === 'now' ? edges.filter((edge) => !order.behind.includes(edge)) : edges;
  return { edges: [...remaining, ...rest.edges], end: rest.end };
}

function edgesOf(end: Following['end']): readonly OpenEdge[] {
  return end === undefined || end === 'now' ? [] : [end];
}

function putInOrder(passing: readonly OpenEdge[], { before, behind }: Order): void {
  for (const edge of passing) edge.yieldsTo.push(...before);
  for (const edge of behind) edge.yieldsTo.push(...passing);
}
