// What time it is for the node, by the time it gave last and this machine's clock since; the clock of a drill may run faster.
let from = Date.now(), here = from, speed = 1;
export const nodeNow = () => new Date(from + (Date.now() - here) * speed);
export const setNow = (at, times = speed) => { from = at.getTime(); here = Date.now(); speed = times; };
let wall = 0; // how far this machine's clock is behind the node's computer: what is agreed with partners goes by that, also in a drill
export const setWall = (at) => { wall = at.getTime() - Date.now(); };
export const wallNow = () => new Date(Date.now() + wall);
export const isFast = () => speed > 1;
