package io.meridian.core.admin;

import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.manifest.Document.NamespaceDocument;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces among manifests. A change set holds Istio objects only, and a request is all or nothing: so a Namespace is fine if the mesh has
 * it just so already, and otherwise the request is refused with the way to make or change it.
 */
final class NamespaceDocuments {
    private NamespaceDocuments() {}

    static List<Violation> notApplied(MeshState state, List<NamespaceDocument> docs) {
        List<Violation> violations = new ArrayList<>();
        for (NamespaceDocument doc : docs) {
            MeshState.@Nullable Entry<NamespaceSpec> entry = state.namespaces().get(doc.name());
            if (entry == null) {
                violations.add(violation(
                        doc,
                        RejectionCode.NAMESPACE_NOT_FOUND,
                        "the mesh has no namespace " + doc.name()
                                + " yet; create it first, with NamespaceService.CreateNamespace or 'meridian namespace"
                                + " create " + doc.name() + "'"));
            } else if (!entry.spec().equals(doc.spec())) {
                violations.add(violation(
                        doc,
                        RejectionCode.INVALID_FIELD,
                        "namespace " + doc.name()
                                + " has other labels or annotations; change them with"
                                + " NamespaceService.UpdateNamespace, and leave the Namespace out here"));
            }
        }
        return violations;
    }

    static List<Violation> notDeletable(List<NamespaceDocument> docs) {
        return docs.stream()
                .map(doc -> violation(
                        doc,
                        RejectionCode.INVALID_FIELD,
                        "a namespace is deleted by itself, with all that is in it: NamespaceService.DeleteNamespace or"
                                + " 'meridian namespace delete " + doc.name() + "'; leave it out here"))
                .toList();
    }

    private static Violation violation(NamespaceDocument doc, RejectionCode code, String message) {
        return new Violation(code, "namespace " + doc.name(), "kind", message, doc.origin());
    }
}
