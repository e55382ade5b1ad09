// Loaded ahead of a target. A Ctrl-C is delivered by the terminal to every process of the foreground group, and npm (and
// the bootstrap) pass theirs on to their child: one press, up to three signals. The target must see one of them, so that a
// second one still can mean "the user pressed again".
const SAME_PRESS_MS = 400;

const emit = process.emit;
let lastSignalAt = Number.NEGATIVE_INFINITY;

process.emit = function emitOnce(name, ...rest) {
  if (name === 'SIGINT' || name === 'SIGTERM') {
    const now = performance.now();
    const repeated = now - lastSignalAt < SAME_PRESS_MS;
    lastSignalAt = repeated ? lastSignalAt : now;
    if (repeated) return true;
  }
  return emit.call(this, name, ...rest);
};
