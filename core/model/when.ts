/** A moment for people: to the second, and in which zone. `iso`: as the store keeps it, in UTC. */
export const when = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;
