/** Colours of the chart, as the style sheet has them for the present scheme. */
export interface ChartColors {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly batch: string;
  readonly speed: string;
  readonly frontier: string;
}

/** Reads the colours from the custom properties of an element. */
export function chartColors(element: Element): ChartColors {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return { ink: color('ink'), muted: color('muted'), line: color('line'), batch: color('batch'), speed: color('speed'), frontier: color('frontier') };
}

const TILE = 8;

/** Slanted lines: what may still change looks unfinished, also to those who cannot tell the colours apart. */
export function hatching(color: string, ratio: number): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = tile.height = TILE * ratio;
  const context = tile.getContext('2d');
  if (context === null) return color;
  context.scale(ratio, ratio);
  context.globalAlpha = 0.16;
  context.fillStyle = color;
  context.fillRect(0, 0, TILE, TILE);
  context.globalAlpha = 1;
  context.strokeStyle = color;
  context.lineWidth = 1.6;
  for (const shift of [-TILE, 0, TILE]) {
    context.beginPath();
    context.moveTo(shift - 1, TILE + 1);
    context.lineTo(shift + TILE + 1, -1);
    context.stroke();
  }
  return context.createPattern(tile, 'repeat') ?? color;
}
