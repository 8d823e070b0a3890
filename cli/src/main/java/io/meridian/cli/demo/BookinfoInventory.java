package io.meridian.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.protobuf.util.JsonFormat;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryWorkload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the demo's two clusters run, read from {@code inventory/CLUSTER.yaml} of the example.
 *
 * @param objects by cluster, in the files' order
 */
record BookinfoInventory(Map<String, List<InventoryObject>> objects) {
    static final List<String> CLUSTERS = List.of("k8s-1", "vm-1");

    /** The loopback block that the files use, and that {@link #read} puts another in place of. */
    static final String BLOCK_IN_FILES = "127.0.20.";

    /** {@code block}: "127.0.20.". Throws DemoException that names the file. */
    static BookinfoInventory read(Path examples, String block) {
        Map<String, List<InventoryObject>> objects = new LinkedHashMap<>();
        for (String cluster : CLUSTERS) {
            objects.put(cluster, file(examples.resolve("inventory").resolve(cluster + ".yaml"), block));
        }
        return new BookinfoInventory(objects);
    }

    /** In the files' order. */
    List<Workload> workloads() {
        List<Workload> workloads = new ArrayList<>();
        objects.forEach((cluster, all) -> all.stream()
                .filter(InventoryObject::hasWorkload)
                .map(object -> new Workload(cluster, object.getWorkload()))
                .forEach(workloads::add));
        return workloads;
    }

    private static List<InventoryObject> file(Path file, String block) {
        try {
            String text = Files.readString(file).replace(BLOCK_IN_FILES, block);
            List<InventoryObject> objects = new ArrayList<>();
            for (JsonNode object : new YAMLMapper().readTree(text).path("objects")) {
                InventoryObject.Builder builder = InventoryObject.newBuilder();
                JsonFormat.parser().merge(object.toString(), builder);
                objects.add(builder.build());
            }
            if (objects.isEmpty()) {
                throw new DemoException(file + " has no objects");
            }
            return objects;
        } catch (IOException e) {
            throw new DemoException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    record Workload(String cluster, InventoryWorkload spec) {
        String name() {
            return spec.getName();
        }

        String namespace() {
            return spec.getNamespace();
        }

        /** Where its sidecar takes what is for it. */
        String address() {
            return spec.getAddresses(0);
        }
    }
}
