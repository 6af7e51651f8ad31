# The page is one file, so its template, style, script and the chart library (Vega, from the Debian package
# libjs-vega) become strings of the program when it is built.

# Vega comes as modules that ask for each other with require(); modules.js answers.
# What a report does not draw (maps, trees, forces) is left out.
set(vega_modules
    vega-util vega-time vega-format vega-loader vega-canvas vega-scale vega-scenegraph vega-dataflow vega-statistics
    vega-expression vega-event-selector vega-selection vega-functions vega-runtime vega-interpreter vega-view
    vega-parser vega-encode vega-transforms vega-view-transforms)

# A C++ string literal may not be this long everywhere, an array of bytes may.
function(append_resource out name text_file)
  file(READ ${text_file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(REGEX REPLACE "((......,)(......,)(......,)(......,)(......,)(......,)(......,)(......,))" "\\1\n" bytes "${bytes}")
  file(APPEND ${out} "static constexpr char ${name}_bytes[] = {\n${bytes}};\n"
       "const std::string_view ${name}(${name}_bytes, sizeof(${name}_bytes));\n\n")
endfunction()

function(bundle_vega out folder)
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/modules.js text)
  file(WRITE ${out} "${text}")
  foreach(module IN LISTS vega_modules)
    set(file ${folder}/${module}.min.js)
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "The report needs ${file}, which is missing. Install it with: apt-get install --reinstall libjs-vega")
    endif()
    file(READ ${file} text)
    string(REGEX REPLACE "\n//# sourceMappingURL=[^\n]*" "" text "${text}")
    string(TOLOWER "${text}" lower)
    if(lower MATCHES "</script|<!--")
      message(FATAL_ERROR "${file} holds text that would end the script it is inlined in; expected Vega 5 of libjs-vega")
    endif()
    file(APPEND ${out} "define_module('${module}', function (exports, require, module) {\n" "${text}" "\n});\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
endfunction()

function(embed_page_resources out)
  find_path(CAROUSEL_VEGA_FOLDER vega-view.min.js PATHS /usr/share/javascript/vega
            DOC "Folder of the Vega modules (Debian package libjs-vega)")
  find_file(CAROUSEL_VEGA_COPYRIGHT copyright PATHS /usr/share/doc/libjs-vega NO_DEFAULT_PATH
            DOC "Copyright and licences of Vega")
  if(NOT CAROUSEL_VEGA_FOLDER OR NOT CAROUSEL_VEGA_COPYRIGHT)
    message(FATAL_ERROR "The report draws with the chart library Vega, which was not found. Install it with: apt-get install libjs-vega")
  endif()
  set(bundle ${CMAKE_CURRENT_BINARY_DIR}/vega_bundle.js)
  bundle_vega(${bundle} ${CAROUSEL_VEGA_FOLDER})

  file(WRITE ${out}.new "// Generated from the files of src/app/report and from Vega.\n#include \"app/report/page_resources.h\"\n\n"
       "namespace carousel::report {\n\n")
  append_resource(${out}.new kPageHtml ${CMAKE_CURRENT_SOURCE_DIR}/page.html)
  append_resource(${out}.new kPageCss ${CMAKE_CURRENT_SOURCE_DIR}/page.css)
  append_resource(${out}.new kPageJs ${CMAKE_CURRENT_SOURCE_DIR}/page.js)
  append_resource(${out}.new kAnimationJs ${CMAKE_CURRENT_SOURCE_DIR}/animation.js)
  append_resource(${out}.new kChoiceTextJs ${CMAKE_CURRENT_SOURCE_DIR}/choice_text.js)
  append_resource(${out}.new kVegaJs ${bundle})
  append_resource(${out}.new kVegaCopyright ${CAROUSEL_VEGA_COPYRIGHT})
  file(APPEND ${out}.new "}  // namespace carousel::report\n")
  configure_file(${out}.new ${out} COPYONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS page.html page.css page.js animation.js choice_text.js modules.js)
endfunction()
