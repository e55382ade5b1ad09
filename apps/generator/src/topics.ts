export const ORDERS = 'orders';
export const CANCELLATIONS = 'order-cancellations';
export const PARTITIONS = 4;
