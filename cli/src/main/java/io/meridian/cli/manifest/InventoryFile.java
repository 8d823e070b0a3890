package io.meridian.cli.manifest;

import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.cli.text.Yaml;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Inventory as YAML or JSON. A document is one InventoryObject ({@code service: ...}, {@code workload: ...} or {@code endpoint: ...}), a list of them,
 * or a mapping whose {@code objects} is such a list, as {@code inventory list -o yaml} prints it for one cluster.
 */
public final class InventoryFile {
    private static final String OBJECTS = "objects";

    private final String source;
    private final MessageReader reader;
    private final List<InventoryObject> objects = new ArrayList<>();

    private InventoryFile(String source) {
        this.source = source;
        this.reader = new MessageReader(source);
    }

    /** A usage failure names file, line, column and field. */
    public static List<InventoryObject> read(Manifest manifest) {
        InventoryFile file = new InventoryFile(manifest.getSource());
        for (Node document : Yaml.compose(file.source, manifest.getContent().toStringUtf8())) {
            if (!document.getTag().equals(Tag.NULL)) {
                file.document(document);
            }
        }
        return file.objects;
    }

    private void document(Node document) {
        if (document instanceof SequenceNode list) {
            list(list, "");
            return;
        }
        MappingNode mapping = reader.mapping(document, "");
        for (NodeTuple entry : mapping.getValue()) {
            if (entry.getKeyNode() instanceof ScalarNode key && key.getValue().equals(OBJECTS)) {
                list(reader.sequence(entry.getValueNode(), OBJECTS), OBJECTS);
                return;
            }
        }
        object(mapping, "");
    }

    private void list(SequenceNode list, String path) {
        for (int i = 0; i < list.getValue().size(); i++) {
            object(list.getValue().get(i), path + "[" + i + "]");
        }
    }

    private void object(Node node, String path) {
        InventoryObject.Builder object = InventoryObject.newBuilder();
        reader.read(node, object, path);
        if (reader.mapping(node, path).getValue().size() != 1) {
            throw reader.failure(node, "has to be exactly one of service, workload, endpoint");
        }
        objects.add(object.build());
    }
}
