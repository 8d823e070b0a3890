package io.meridian.compiler.internal.input;

import java.util.List;

/** What decides where a VirtualService applies. {@code hosts} in full. */
public record VirtualServiceRef(List<String> exportTo, List<String> hosts) {}
