package io.meridian.compiler.internal.service;

import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;

/** The mesh's options with the defaults of types.proto. */
public final class MeshValues {
    private static final String DEFAULT_ROOT_NAMESPACE = "istio-system";

    private MeshValues() {}

    public static MeshSpec spec(Tracked view) {
        return view.row(Inputs.MESH, Inputs.ALL).orElse(MeshSpec.getDefaultInstance());
    }

    public static String rootNamespace(Tracked view) {
        String told = spec(view).getRootNamespace();
        return told.isEmpty() ? DEFAULT_ROOT_NAMESPACE : told;
    }

    /** Whether traffic to what the mesh does not know passes. */
    public static boolean passesUnknown(Tracked view) {
        return spec(view).getOutboundTrafficPolicy() != MeshSpec.OutboundTrafficPolicy.REGISTRY_ONLY;
    }
}
