/**
 * What every gRPC entrance of a region shares: who calls and until when, how failures become statuses with details, how a log is followed
 * into a stream, and the chain of interceptors with health and reflection. No business of any one service belongs here.
 */
@NullMarked
package io.meridian.core.rpc;

import org.jspecify.annotations.NullMarked;
