// What time it is for the node, by the time it gave with the page and this machine's clock since.
let offset = 0;
export const nodeNow = () => new Date(Date.now() + offset);
export const setNow = (at) => { offset = at.getTime() - Date.now(); };
