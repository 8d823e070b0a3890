package io.meridian.compiler.internal.input;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What decides whether a DestinationRule applies to a client. */
public record RuleRef(List<String> exportTo, Optional<Map<String, String>> selector) {}
