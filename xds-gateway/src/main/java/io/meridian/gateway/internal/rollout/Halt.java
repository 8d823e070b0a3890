package io.meridian.gateway.internal.rollout;

import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.Refusal;

/**
 * A version of a resource that canaries refused and that no other proxy is given. Immutable.
 *
 * @param canaries that had been sent it when that was decided
 * @param refused how many of them had refused it
 * @param refusal the first of these, with the objects and the event behind it
 */
public record Halt(XdsType type, String name, String version, int canaries, int refused, Refusal refusal) {}
