package io.meridian.core.admin;

import io.meridian.core.rpc.Errors;
import io.meridian.model.istio.IstioKinds;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;

/** Keys and kinds as people type them: "vs", "virtualservices", "VirtualService". */
final class ResourceKeys {
    private ResourceKeys() {}

    static ResourceKey resolve(String field, io.meridian.api.type.v1.ResourceKey proto, String defaultNamespace) {
        if (proto.getName().isEmpty()) {
            throw Errors.invalid(field + ".name", "is required: the name of one object");
        }
        IstioKinds.Kind kind = kind(field + ".kind", proto.getGroup(), proto.getKind());
        String namespace = proto.getNamespace().isEmpty() ? defaultNamespace : proto.getNamespace();
        return new ResourceKey(kind.group(), kind.kind(), namespace, proto.getName());
    }

    /** {@code group} may be empty. */
    static IstioKinds.Kind kind(String field, String group, String name) {
        Optional<IstioKinds.Kind> kind =
                IstioKinds.named(name).filter(found -> group.isEmpty() || group.equals(found.group()));
        return kind.orElseThrow(() -> Errors.rejected(List.of(new Violation(
                RejectionCode.UNKNOWN_KIND,
                "",
                field,
                (name.isEmpty() ? "is required" : "there is no kind \"" + name + "\"" + of(group)) + "; the kinds are "
                        + IstioKinds.supportedNames() + ", also by their plural and short names"))));
    }

    private static String of(String group) {
        return group.isEmpty() ? "" : " in group \"" + group + "\"";
    }
}
