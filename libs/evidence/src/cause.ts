/** Why a number of the speed layer differs from the batch layer's. Each is proven by recomputation before it is named. */
export type Cause =
  /** The speed layer refused rows that came after the window's allowed lateness; the batch layer has them. */
  | 'LATE_DROPPED'
  /** The speed layer has rows that lie behind the end offsets of the replay. */
  | 'OUT_OF_FRONTIER'
  /** A session went on after its state had expired: the speed layer holds two sessions that touch, the batch layer one. */
  | 'SESSION_BRIDGED'
  /** The speed layer has not fired the window for the last time yet, and its number is that of the rows it had. */
  | 'SPECULATIVE'
  /** None of the above could be proven. Always a defect: of Weir, of the sink, or of a function that is not deterministic. */
  | 'UNKNOWN';

export const CAUSES: readonly Cause[] = ['LATE_DROPPED', 'OUT_OF_FRONTIER', 'SESSION_BRIDGED', 'SPECULATIVE', 'UNKNOWN'];
