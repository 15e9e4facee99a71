import type { Interaction } from "../gen/carillon/routing/v1/interaction_pb";
import { Channel } from "../gen/carillon/type/v1/type_pb";

/** Spoken with, now or as soon as the line is there: what is not is a chat, a message, a task. */
export const isCall = ({ channel, call }: Interaction) =>
  call !== "" || channel === Channel.CHANNEL_UNSPECIFIED || channel === Channel.VOICE || channel === Channel.CALLBACK || channel === Channel.VIDEO;
