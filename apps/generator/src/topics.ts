/** Where the lines of orders go. */
export const ORDERS = 'orders';
/** Where the lines go that take something back. */
export const CANCELLATIONS = 'order-cancellations';
/** Of each of the two. */
export const PARTITIONS = 4;
