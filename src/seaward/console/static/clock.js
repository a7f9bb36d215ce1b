// What time it is for the node, by the time it gave last and this machine's clock since; the clock of a drill may run faster.
let from = Date.now(), here = from, speed = 1;
export const nodeNow = () => new Date(from + (Date.now() - here) * speed);
export const setNow = (at, times = speed) => { from = at.getTime(); here = Date.now(); speed = times; };
export const isFast = () => speed > 1;
