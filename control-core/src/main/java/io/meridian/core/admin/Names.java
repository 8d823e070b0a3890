package io.meridian.core.admin;

import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resource names and positions as requests give them. What is malformed is refused with the field and the form that is allowed. */
final class Names {
    private static final Pattern MESH = Pattern.compile("meshes/([^/]+)");
    private static final Pattern CHILD = Pattern.compile("meshes/([^/]+)/([^/]+)/([^/]+)");
    private static final String LABEL = " is a DNS label: up to 63 lower-case letters, digits and '-'";

    private Names() {}

    /** A part of a mesh. */
    record Child(MeshId mesh, String id) {}

    static MeshId mesh(String field, String name) {
        Matcher matcher = MESH.matcher(name);
        if (!matcher.matches() || !MeshId.isValid(matcher.group(1))) {
            throw malformed(field, name, "meshes/MESH, where MESH" + LABEL);
        }
        return new MeshId(matcher.group(1));
    }

    /** An id of a mesh that is to be, without "meshes/". */
    static MeshId meshId(String field, String id) {
        if (!MeshId.isValid(id)) {
            throw malformed(field, id, "MESH, which" + LABEL);
        }
        return new MeshId(id);
    }

    /** {@code collection}: "clusters". */
    static Child child(String field, String name, String collection) {
        Matcher matcher = CHILD.matcher(name);
        if (!matcher.matches()
                || !matcher.group(2).equals(collection)
                || !MeshId.isValid(matcher.group(1))
                || !MeshId.isValid(matcher.group(3))) {
            throw malformed(field, name, "meshes/MESH/" + collection + "/NAME, where MESH and NAME are DNS labels");
        }
        return new Child(new MeshId(matcher.group(1)), matcher.group(3));
    }

    static boolean isChild(String name) {
        return CHILD.matcher(name).matches();
    }

    static String of(MeshId mesh) {
        return "meshes/" + mesh;
    }

    static String of(MeshId mesh, String collection, String id) {
        return "meshes/" + mesh + "/" + collection + "/" + id;
    }

    /** Empty unless {@code present}. The mesh may be left out, since the request names it elsewhere. */
    static Optional<Position> position(
            String field, boolean present, io.meridian.api.type.v1.Position proto, MeshId mesh) {
        return present ? Optional.of(position(field, proto, mesh)) : Optional.empty();
    }

    static Position position(String field, io.meridian.api.type.v1.Position proto, MeshId mesh) {
        if (!proto.getMesh().isEmpty() && !proto.getMesh().equals(mesh.value())) {
            throw Errors.invalid(
                    field + ".mesh", "the position is of mesh \"" + proto.getMesh() + "\", the request of " + mesh);
        }
        if (proto.getEpoch() < 0 || proto.getSeq() < 0) {
            throw Errors.invalid(field, "epoch and seq of a position must not be negative");
        }
        return new Position(mesh, new Epoch(proto.getEpoch()), proto.getSeq());
    }

    /** As {@link #position}, of an event: both numbers are needed. */
    static Position eventPosition(String field, io.meridian.api.type.v1.Position proto, MeshId mesh) {
        Position position = position(field, proto, mesh);
        if (position.seq() == 0 || position.epoch().isNone()) {
            throw Errors.invalid(field, "is required: the epoch and seq of an event, both from 1");
        }
        return position;
    }

    private static RuntimeException malformed(String field, String value, String form) {
        String message = value.isEmpty()
                ? "is required; the form is " + form
                : "\"" + value + "\" is malformed; the form is " + form;
        return Errors.rejected(List.of(new Violation(RejectionCode.INVALID_NAME, "", field, message)));
    }
}
